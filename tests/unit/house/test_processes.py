"""docker-compose.yml runs the processes of app/processes.py, after the migrations, and not as root."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from app.cli import cli
from app.processes import PROCESSES, arguments
from config.settings import ROOT

SERVERS = {"postgres", "redis"}
TELEPHONE_SYSTEM = {"asterisk"}
ONCE = {"migrate"}


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The services, as `docker compose config` reads them where there is one, else as YAML."""
    folder = tmp_path_factory.mktemp("compose")
    for name in ("docker-compose.yml", "Dockerfile"):
        shutil.copy(ROOT / name, folder)
    (folder / ".env").write_text("POSTGRES_PASSWORD=for-a-test\n")
    text = (folder / "docker-compose.yml").read_text(encoding="utf-8")
    if _has_compose():
        text = subprocess.run(
            ["docker", "compose", "config"], cwd=folder, check=True, stdout=subprocess.PIPE, text=True
        ).stdout
    found: dict[str, Any] = yaml.safe_load(text)["services"]
    return found


def _has_compose() -> bool:
    docker = shutil.which("docker")
    return docker is not None and subprocess.run([docker, "compose", "version"], capture_output=True).returncode == 0


def test_compose_runs_exactly_our_processes_and_the_servers(services: dict[str, Any]) -> None:
    ours = {process.name for process in PROCESSES}
    assert set(services) - TELEPHONE_SYSTEM == ours | SERVERS | ONCE


def test_compose_runs_an_asterisk_only_for_who_asks_for_it() -> None:
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
    assert [name for name, service in services.items() if "profiles" in service] == ["asterisk"]


@pytest.mark.parametrize("process", PROCESSES, ids=lambda process: process.name)
def test_each_process_runs_the_same_command_as_under_the_runner(services: dict[str, Any], process: Any) -> None:
    service = services[process.name]
    assert service["command"] == ["python", *arguments(process)]
    assert service["restart"] == "unless-stopped"
    assert service["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
    assert ("redis" in service["depends_on"]) == process.needs_redis
    assert {"DATABASE_URL", "REDIS_URL"} <= set(service["environment"])


@pytest.mark.parametrize("process", PROCESSES, ids=lambda process: process.name)
def test_each_process_is_a_word_of_the_command_line(process: Any) -> None:
    assert process.name in get_command(cli).commands  # type: ignore[attr-defined]  # it is a group


def test_migrations_run_once_after_the_database_is_there(services: dict[str, Any]) -> None:
    assert services["migrate"]["restart"] == "no"
    assert services["migrate"]["depends_on"]["postgres"]["condition"] == "service_healthy"


@pytest.mark.parametrize("name", ["postgres", "redis", "web", "telephony", "listener"])
def test_what_answers_questions_has_a_health_check(services: dict[str, Any], name: str) -> None:
    assert services[name]["healthcheck"]["test"][0] == "CMD"


def test_servers_and_console_are_published_on_loopback_only(services: dict[str, Any]) -> None:
    for name in (*SERVERS, "web", "listener"):
        for port in services[name]["ports"]:
            published = port["host_ip"] if isinstance(port, dict) else port.split(":")[0]
            assert published == "127.0.0.1"


def test_the_telephone_line_lives_on_the_hosts_network(services: dict[str, Any]) -> None:
    assert services["telephony"]["network_mode"] == "host"


def test_no_password_is_written_down() -> None:
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    passwords = [
        line.split(":", 1)[1].strip() for line in text.splitlines() if line.strip().startswith("POSTGRES_PASSWORD:")
    ]
    assert passwords
    assert all(password.startswith("${POSTGRES_PASSWORD:?") for password in passwords)
    example = dict(line.split("=", 1) for line in (ROOT / ".env.example").read_text().splitlines() if "=" in line)
    assert set(example.values()) == {""}


def test_the_image_is_built_from_locked_packages_and_runs_as_nobody_special() -> None:
    steps = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    assert any("--require-hashes" in step for step in steps)
    assert any(step.startswith("RUN npm ci") for step in steps)
    users = [step.split()[1] for step in steps if step.startswith("USER ")]
    assert users
    assert "root" not in users


def test_the_image_holds_every_package_and_whatever_it_copies_exists() -> None:
    copied = [
        line.split()[1]
        for line in Path(ROOT / "Dockerfile").read_text().splitlines()
        if line.startswith("COPY ") and "--from" not in line
    ]
    assert {"app", "asr", "callbacks", "config", "intake", "ivr", "kit", "migrations", "people", "ticketing"} <= set(
        copied
    )
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    for path in copied:
        assert any(path == name or path.startswith(f"{name}/") for name in allowed), path
