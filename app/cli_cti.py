"""`hotline cti`: programs that are told of our calls, as Zammad's generic CTI interface wants it."""

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import typer

from config.logging_setup import configure_logging
from config.settings import load_settings

if TYPE_CHECKING:
    from intake.cti_service import CtiService

cti_cli = typer.Typer(no_args_is_help=True, help="Programs that are told of our calls (newCall, answer, hangup).")


@cti_cli.command("add")
def add(name: str, url: str) -> None:
    """Tell an address of every call that begins from now on: it hears the numbers of callers."""
    typer.echo(f"target  {_cti().add(name, url)}")


@cti_cli.command("list")
def list_targets() -> None:
    """Who hears it. Of an address only its host is shown: the rest is a secret in most programs."""
    for target in _cti().targets():
        state = "" if target.is_active else "removed"
        typer.echo(f"{target.id}  {target.name:<24} {state:<8} {urlsplit(target.url).netloc}".rstrip())


@cti_cli.command("remove")
def remove(name: str) -> None:
    """Tell it nothing more, not even of calls that live."""
    _cti().remove(name)


def _cti() -> "CtiService":
    from app.bootstrap import build_services

    settings = load_settings()
    configure_logging(level="WARNING", as_json=settings.log_json, process="cti")
    return build_services(settings).cti
