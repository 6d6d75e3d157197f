"""Archives of small speech models, sound and broken ones, made of the embedded model."""

import io
import stat
import zipfile
from pathlib import Path

from config.settings import ROOT

MINI_CN = ROOT / "asr" / "models" / "mini-cn"


def model_zip(top: str = "some-model", *, without: str = "", more: dict[str, bytes] | None = None) -> bytes:
    """The embedded model in a zip, below the folder `top`; not compressed, so that its bytes can be found.

    `more`: files that are added or replaced.
    """
    content = {path.relative_to(MINI_CN).as_posix(): path.read_bytes() for path in _files()} | (more or {})
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as zipped:
        for name in sorted(content.keys() - {without}):
            zipped.writestr(f"{top}/{name}", content[name])
    return buffer.getvalue()


def zip_of(*entries: tuple[str, bytes], kind: int = stat.S_IFREG, method: int = zipfile.ZIP_STORED) -> bytes:
    """A zip with these entries and nothing else; `kind` is the file type that each claims."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as zipped:
        for name, content in entries:
            entry = zipfile.ZipInfo(name)
            entry.external_attr = (kind | 0o644) << 16
            entry.compress_type = method
            zipped.writestr(entry, content)
    return buffer.getvalue()


def write_model(folder: Path) -> Path:
    """A copy of the embedded model."""
    for path in _files():
        target = folder / path.relative_to(MINI_CN)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    return folder


def _files() -> list[Path]:
    return [path for path in MINI_CN.rglob("*") if path.is_file()]
