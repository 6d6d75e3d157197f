"""Serves the built console; every path that is no file is the console's own and gets its start page."""

from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

_NOT_BUILT = "The console is not built yet. Run: make setup\n座席控制台尚未构建，请运行：make setup\n"
_HASHED = "assets/"
"""Vite names these files by their content: they never change."""


class ConsoleFiles(StaticFiles):
    def __init__(self, folder: Path) -> None:
        super().__init__(directory=folder, check_dir=False)
        self._index = folder / "index.html"

    async def check_config(self) -> None:
        """A folder that is not there is answered, not a reason to fail."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        if path == "api" or path.startswith("api/"):
            raise HTTPException(404, "no such path")
        if not self._index.is_file():
            return PlainTextResponse(_NOT_BUILT, status_code=503)
        try:
            response = await super().get_response("index.html" if path == "." else path, scope)
        except HTTPException as error:
            if error.status_code != 404 or path.startswith(_HASHED):
                raise
            response = await super().get_response("index.html", scope)
        is_hashed = path.startswith(_HASHED)
        response.headers["cache-control"] = "public, max-age=31536000, immutable" if is_hashed else "no-cache"
        return response
