"""The `hotline` command: one word per thing an operator does."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from app.cli_asterisk import asterisk_cli
from app.cli_clocks import clocks_cli
from app.cli_corrections import corrections_cli
from app.cli_cti import cti_cli
from app.cli_intake import intake_cli
from app.cli_models import models_cli
from app.cli_reading import reading_cli
from app.cli_slots import slots_cli
from app.cli_transcribe import transcribe
from app.clock_rules import load_clock_rules
from config.logging_setup import configure_logging
from config.policy import load_policy
from config.settings import Settings, load_settings
from kit.errors import HotlineError

cli = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, help="The 7x24 hotline.")
prompts_cli = typer.Typer(no_args_is_help=True, help="The line's announcements.")
people_cli = typer.Typer(no_args_is_help=True, help="Persons and their passwords.")
cli.add_typer(asterisk_cli, name="asterisk")
cli.add_typer(intake_cli, name="intake")
cli.add_typer(cti_cli, name="cti")
cli.add_typer(prompts_cli, name="prompts")
cli.add_typer(clocks_cli, name="clocks")
cli.add_typer(people_cli, name="people")
cli.add_typer(models_cli, name="models")
cli.add_typer(reading_cli, name="reading")
cli.command()(transcribe)
cli.add_typer(slots_cli, name="slots")
cli.add_typer(corrections_cli, name="corrections")

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object as the last line.")]


def main() -> None:
    """Entry point: an error with a name becomes one line on stderr and exit status 2."""
    try:
        cli()
    except HotlineError as error:
        sys.stderr.write(f"hotline: {error.code}: {error.message}\n")
        sys.exit(2)


# ---- processes


@cli.command()
def run() -> None:
    """Start everything on this machine; Ctrl-C stops it."""
    from app.runner import run as run_all

    sys.exit(run_all(_settings_for("runner")))


@cli.command()
def web() -> None:
    """The API, the sockets and the console."""
    from app.web import run_web

    run_web(_settings_for("web"))


@cli.command()
def telephony() -> None:
    """The telephone line: live calls, and the only process that dials."""
    from app.telephony import run_telephony

    run_telephony(_settings_for("telephony"))


@cli.command()
def worker() -> None:
    """Speech recognition, job by job."""
    from app.worker import run_worker

    run_worker(_settings_for("worker"))


@cli.command()
def listener() -> None:
    """Understands callers while they speak."""
    from app.listener.run import run_listener

    run_listener(_settings_for("listener"))


@cli.command()
def scheduler() -> None:
    """Finds every next step that was not taken."""
    from app.bootstrap import build_services
    from app.scheduler import run_scheduler

    run_scheduler(build_services(_settings_for("scheduler")))


@cli.command("take-in", hidden=True)
def take_in(upload_id: str) -> None:
    """Make a voice message of an upload, for the scheduler: no worker has done it in time."""
    from app.bootstrap import build_services
    from app.tether import die_with_parent

    die_with_parent()
    build_services(_settings_for("take-in")).flow.take_in(upload_id)


# ---- setting up and looking after


@cli.command()
def migrate() -> None:
    """Bring the database's tables up to date."""
    from app.migrate import migrate as upgrade

    upgrade(_settings_for("migrate"))


@cli.command("first-run")
def first_run(as_json: AsJson = False) -> None:
    """Make the first persons, desk, seat and shift; prints the passwords, once and only now."""
    from app.first_run import first_run as make_first_people
    from app.migrate import migrate as upgrade

    settings = _settings_for("first-run")
    upgrade(settings)
    passwords = make_first_people(settings)
    if as_json:
        typer.echo(json.dumps(passwords))
    elif passwords:
        typer.echo("The first persons of this hotline. These passwords are shown only now:")
        for login, password in passwords.items():
            typer.echo(f"  {login:<12} {password}")


@cli.command()
def doctor() -> None:
    """Say what is missing."""
    from app.doctor import run_doctor

    sys.exit(run_doctor(_settings_for("doctor")))


@cli.command()
def openapi() -> None:
    """Print the API's description."""
    from app.api import openapi_document

    typer.echo(json.dumps(openapi_document(), ensure_ascii=False, indent=2, sort_keys=True))


@cli.command()
def demo(
    as_json: AsJson = False,
    keep: Annotated[bool, typer.Option(help="Leave the scratch folder for a look.")] = False,
    live: Annotated[bool, typer.Option(help="A call with a person instead of a message.")] = False,
) -> None:
    """Play the whole story once, with real parts."""
    from app.demo.run import run_demo

    sys.exit(run_demo(as_json=as_json, keep=keep, is_live=live))


@cli.command()
def bench(as_json: AsJson = False) -> None:
    """Measure the figures that the project promises."""
    from app.bench.run import run_bench

    sys.exit(run_bench(as_json=as_json))


@cli.command()
def call(
    to: Annotated[str, typer.Option(help="Whom to call: sip:12345@host[:port]")],
    number: Annotated[str, typer.Option("--from", help="The number to call as")] = "1000",
    say: Annotated[str, typer.Option(help="Chinese text to speak (needs espeak-ng)")] = "",
    wav: Annotated[Path | None, typer.Option(help="WAV file to speak")] = None,
    keys: Annotated[str, typer.Option(help="Digits to press, in order: 1,#")] = "",
    as_json: AsJson = False,
) -> None:
    """Call any line and see answer time, what was heard and how it ended."""
    from app.test_phone import run_test_call

    sys.exit(run_test_call(_settings_for("call"), to=to, number=number, say=say, wav=wav, keys=keys, as_json=as_json))


# ---- announcements


@prompts_cli.command("build")
def prompts_build() -> None:
    """Make the sounds of every announcement whose text has changed."""
    from config.prompt_sounds import build_prompts

    for built in build_prompts(load_settings().prompts_dir):
        typer.echo(built)


@prompts_cli.command("check")
def prompts_check() -> None:
    """Is every announcement there, in the right format, audible, and of the present text?"""
    from config.prompt_check import check_prompts
    from ivr.domain.prompts import Prompt

    problems = check_prompts(load_settings().prompts_dir, list(Prompt))
    for problem in problems:
        typer.echo(problem)
    sys.exit(1 if problems else 0)


# ---- persons


@people_cli.command("list")
def people_list() -> None:
    """Everybody who may sign in."""
    from app.bootstrap import build_services

    for person in build_services(_settings_for("people")).people.people():
        typer.echo(
            f"{person.login:<16} {person.role:<10} {'' if person.is_active else 'inactive':<8} {person.display_name}"
        )


@people_cli.command("password")
def people_password(login: str) -> None:
    """Give a person a new random password, and print it."""
    from app.bootstrap import build_services

    typer.echo(build_services(_settings_for("people")).people.reset_password(login))


def _settings_for(process: str) -> Settings:
    """Settings, policy and the rules of speech, all checked before anything starts; logging set up."""
    settings = load_settings()
    load_clock_rules(settings, load_policy(settings.policy_file).zone)
    if process in _UNDERSTANDING:
        from asr.adapters.rule_files import load_rules

        load_rules(settings.speech_rules_dir)
    level = settings.log_level if process in _LONG_RUNNING else "WARNING"  # a person reads the others' output
    configure_logging(level=level, as_json=settings.log_json, process=process)
    return settings


_LONG_RUNNING = {"runner", "web", "telephony", "worker", "listener", "scheduler", "migrate", "first-run"}
_UNDERSTANDING = {"runner", "telephony", "worker", "listener"}


if __name__ == "__main__":
    main()
