"""`hotline corrections`: what people wrote down instead of the machine."""

from pathlib import Path
from typing import Annotated

import typer

from config.logging_setup import configure_logging
from config.settings import load_settings

corrections_cli = typer.Typer(no_args_is_help=True, help="What people wrote down instead of the machine.")


@corrections_cli.callback()
def corrections() -> None:
    """Keeps `export` a word of its own while it is the only one."""


@corrections_cli.command("export")
def corrections_export(
    file: Path,
    original: Annotated[bool, typer.Option("--original", help="Unmasked; needs --reason and --as")] = False,
    reason: Annotated[str, typer.Option(help="Why the original is needed")] = "",
    login: Annotated[str, typer.Option("--as", help="The administrator who answers for it")] = "",
) -> None:
    """Write pairs of heard and corrected text into a file, one JSON object a line."""
    from app.bootstrap import build_services
    from app.corrections_export import export_corrections

    settings = load_settings()
    configure_logging(level="WARNING", as_json=settings.log_json, process="corrections")
    services = build_services(settings)
    typer.echo(export_corrections(services, file, original=original, reason=reason, login=login))
