"""`hotline models`: the speech models of this machine. With a bar on a terminal, with plain lines elsewhere."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.table import Table

from config.logging_setup import configure_logging
from config.settings import Settings, load_settings
from kit.errors import Invalid

if TYPE_CHECKING:  # what these lean on (HTTP, archives) is loaded when a command needs it
    from app.model_choice import Choice
    from app.model_install import Tell
    from app.model_shelf import ModelShelf

models_cli = typer.Typer(no_args_is_help=True, help="Speech models: list, install, check, use, remove.")

Name = Annotated[str, typer.Argument(help="A name from `hotline models list`")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object as the last line.")]

_STEPS = {"fetch": "fetching", "unpack": "unpacking", "try": "trying it"}
_LINE_EVERY_PERCENT = 10
_WIDTH_OF_LISTS = 120


class ModelOptionsWrong(Invalid):
    code = "model.options_wrong"


@models_cli.command("list")
def list_models(as_json: AsJson = False) -> None:
    """Every known model: published figures, licence, what is installed and in use."""
    shelf = _shelf()
    rows = shelf.rows()
    if as_json:
        _print_json({"models": [asdict(row) for row in rows]})
        return
    table = Table("name", "version", "size", "licence", "published CER %", "state")
    for row in rows:
        figures = "\n".join(f"{each.cer_percent:5.2f} {each.test_set}" for each in row.errors) or f"see {row.source}"
        state = "in use" if row.is_in_use else "installed" if row.is_installed else ""
        table.add_row(row.id, row.identity.version, row.size_text, row.identity.licence, figures, state)
    Console(width=None if sys.stdout.isatty() else _WIDTH_OF_LISTS).print(table)
    undone = shelf.choice.current().rolled_back
    if undone:
        typer.echo(f"Rolled back at {undone.at:%Y-%m-%d %H:%M} UTC: {undone.model}: {undone.reason}")


@models_cli.command()
def install(
    name: Name,
    mirror: Annotated[str, typer.Option(help="Fetch MIRROR/NAME.zip instead of the official address")] = "",
    file: Annotated[Path | None, typer.Option(help="Take this zip archive; nothing is fetched")] = None,
    sha256: Annotated[str, typer.Option(help="The archive's SHA-256, when you have it from elsewhere")] = "",
    as_json: AsJson = False,
) -> None:
    """Fetch, check, unpack and try a model. It is not used before `hotline models use`."""
    from app.model_install import Order

    settings = _settings()
    if file and mirror:
        raise ModelOptionsWrong("--file and --mirror exclude each other")
    if sha256 and (len(sha256) != 64 or not set(sha256.lower()) <= set("0123456789abcdef")):
        raise ModelOptionsWrong("--sha256 is 64 hexadecimal digits")
    with _told() as tell:
        row = _shelf(settings).install(Order(name, file, mirror or settings.model_mirror, sha256), tell)
    if as_json:
        _print_json(asdict(row))
        return
    typer.echo(f"{name} is installed and loads ({row.sample_rate} Hz). Use it: hotline models use {name}")
    if row.archive_sha256:
        typer.echo(f"SHA-256 of the archive: {row.archive_sha256}")


@models_cli.command()
def check(name: Annotated[str, typer.Argument(help="Default: the one in use")] = "", as_json: AsJson = False) -> None:
    """Are an installed model's files those that were installed, and does it load?"""
    shelf = _shelf()
    row = shelf.check(name or shelf.in_use().id)
    if as_json:
        _print_json(asdict(row))
    else:
        typer.echo(f"{row.id} is complete and loads")


@models_cli.command()
def use(
    name: Annotated[str, typer.Argument(help="An installed model; `default`: the one that VOSK_MODEL names")] = "",
    previous: Annotated[bool, typer.Option("--previous", help="Go back to the model that was in use before")] = False,
    as_json: AsJson = False,
) -> None:
    """Take an installed model into use, without stopping anything."""
    if bool(name) == previous:
        raise ModelOptionsWrong("name one model, or say --previous")
    shelf = _shelf()
    choice = shelf.use_previous() if previous else shelf.use(name)
    if as_json:
        _print_json(asdict(choice))
    else:
        _say_in_use(choice)


@models_cli.command()
def remove(name: Name, as_json: AsJson = False) -> None:
    """Delete an installed model that is not in use."""
    _shelf().remove(name)
    if as_json:
        _print_json({"removed": name})
    else:
        typer.echo(f"{name} is removed")


def _say_in_use(choice: "Choice") -> None:
    typer.echo(f"{choice.model} is in use. Each worker finishes its recording, then loads it.")
    if choice.previous:
        typer.echo("Back to the one before: hotline models use --previous")


def _settings() -> Settings:
    settings = load_settings()
    configure_logging(level="WARNING", as_json=settings.log_json, process="models")
    return settings


def _shelf(settings: Settings | None = None) -> "ModelShelf":
    from app.model_shelf import ModelShelf

    return ModelShelf(settings or _settings())


@contextmanager
def _told() -> "Iterator[Tell]":
    """Progress on stderr: a bar for people, a line for each tenth for logs."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _Lines().tell
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as progress:
        tasks = {step: progress.add_task(says, total=None, visible=False) for step, says in _STEPS.items()}

        def tell(step: str, done: int, total: int | None) -> None:
            progress.update(tasks[step], completed=done, total=total, visible=True)

        yield tell


class _Lines:
    """`unpacking 40 %`, each tenth once."""

    def __init__(self) -> None:
        self._last = ("", -1)

    def tell(self, step: str, done: int, total: int | None) -> None:
        percent = 100 * done // total if total else 0
        now = (step, percent // _LINE_EVERY_PERCENT)
        if now == self._last:
            return
        self._last = now
        sys.stderr.write(f"{_STEPS[step]} {percent} %\n" if total else f"{_STEPS[step]}\n")


def _print_json(facts: object) -> None:
    typer.echo(json.dumps(facts, ensure_ascii=False, default=_plain))


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
