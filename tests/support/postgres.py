"""A real PostgreSQL in a scratch folder; PostgreSQL refuses to run as root, so root steps down to `postgres`."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.ports import free_port

_FAST = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=200"


def _binary(name: str) -> str:
    candidates = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
    found = str(candidates[0]) if candidates else shutil.which(name)
    if not found:
        raise RuntimeError(f"PostgreSQL's {name} is missing: run `make test`, which installs it")
    return found


@contextmanager
def postgres_server() -> Iterator[str]:
    """Start a cluster in a scratch folder of its own; yields its SQLAlchemy URL without a database name."""
    folder, port = Path(tempfile.mkdtemp(prefix="hotline-postgres-")), free_port()
    data = folder / "data"
    user = "postgres" if os.geteuid() == 0 else None
    if user:
        shutil.chown(folder, user)

    def run(*command: str) -> None:
        subprocess.run(command, check=True, user=user, cwd=folder, capture_output=True, env={"LC_ALL": "C.UTF-8"})

    run(_binary("initdb"), "-D", str(data), "-U", "hotline", "-A", "trust", "-E", "UTF8", "--no-sync")
    options = f"{_FAST} -p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories="
    run(_binary("pg_ctl"), "-D", str(data), "-w", "-l", str(data / "log"), "-o", options, "start")
    try:
        yield f"postgresql+psycopg://hotline@127.0.0.1:{port}"
    finally:
        run(_binary("pg_ctl"), "-D", str(data), "-m", "immediate", "stop")
        shutil.rmtree(folder)
