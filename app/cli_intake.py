"""`hotline intake`: programs that may leave voice messages and tell of calls."""

from typing import TYPE_CHECKING, Annotated

import typer

from config.logging_setup import configure_logging
from config.settings import load_settings

if TYPE_CHECKING:
    from intake.client_service import ClientService

intake_cli = typer.Typer(
    no_args_is_help=True, help="Programs that may leave voice messages and tell of calls over HTTP."
)


@intake_cli.command("add")
def add(
    name: str,
    line: Annotated[str, typer.Option(help="The line its messages and calls belong to; default: our own number")] = "",
    webhook: Annotated[str, typer.Option(help="Address that is told how its messages stand")] = "",
    reference_host: Annotated[
        list[str] | None, typer.Option(help="Host its references and recordings may lie on; repeatable")
    ] = None,
) -> None:
    """Let a program in. Its token and its secret are shown only now."""
    line = line or load_settings().line_number
    new = _clients().add(name, line, webhook or None, tuple(reference_host or ()))
    typer.echo(f"client  {new.id}\ntoken   {new.token}\nsecret  {new.secret}")


@intake_cli.command("list")
def list_clients() -> None:
    """Who may, and who might once."""
    for client in _clients().clients():
        state = "" if client.is_active else "revoked"
        typer.echo(f"{client.id}  {client.name:<24} {client.line:<12} {state:<8} {client.webhook_url or ''}".rstrip())


@intake_cli.command("revoke")
def revoke(name: str) -> None:
    """Let it in no longer. What it left stays."""
    _clients().revoke(name)


def _clients() -> "ClientService":
    from app.bootstrap import build_services

    settings = load_settings()
    configure_logging(level="WARNING", as_json=settings.log_json, process="intake")
    return build_services(settings).intake_clients
