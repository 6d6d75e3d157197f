"""`hotline asterisk`: is an existing Asterisk fit for the hotline?"""

import asyncio
import json
import sys
from typing import Annotated

import typer

from config.logging_setup import configure_logging
from config.settings import load_settings

asterisk_cli = typer.Typer(no_args_is_help=True, help="The Asterisk that HOTLINE_ARI_URL names.")


@asterisk_cli.callback()
def _group() -> None:
    """Keeps `check` a word of its own while it is the only one."""


@asterisk_cli.command("check")
def check(as_json: Annotated[bool, typer.Option("--json", help="One JSON object per finding.")] = False) -> None:
    """Say what is wrong with it and what to do; exit status 1 when something is. The hotline may be running."""
    from app.bootstrap import asterisk_config
    from ivr.adapters.asterisk.pbx_check import PbxCheck

    settings = load_settings()
    configure_logging(level="ERROR", as_json=settings.log_json, process="asterisk")
    findings = asyncio.run(PbxCheck(asterisk_config(settings), settings.effective_away_dir).run())
    for finding in findings:
        if as_json:
            facts = {"code": finding.code, "subject": finding.subject, "says": finding.says, "remedy": finding.remedy}
            typer.echo(json.dumps(facts, ensure_ascii=False))
        else:
            typer.echo(f"{finding.code:<32} {finding.subject}: {finding.says}")
            if finding.remedy:
                typer.echo(f"{'':<32} → {finding.remedy}")
    sys.exit(0 if all(finding.is_ok for finding in findings) else 1)
