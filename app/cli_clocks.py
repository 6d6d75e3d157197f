"""`hotline clocks`: check an edited file of clocks, see what it would change, and bring open tickets in line."""

import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from app.clock_rules import load_clock_rules
from config.policy import load_policy
from config.settings import load_settings
from ticketing.clock_service import ClockChange
from ticketing.domain.clocks import ClockFacts

clocks_cli = typer.Typer(no_args_is_help=True, help="The time limits of tickets.")

_SHOWN = 50
FileToTry = Annotated[Path | None, typer.Argument(help="A file of clocks; default: the one in force")]
Show = Callable[[datetime], str]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object as the last line.")]


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """A change as it is shown: instants with their offset."""

    ticket: str
    clock: str
    round: int
    change: str
    due_before: str | None
    due_after: str | None
    late_before: bool
    late_after: bool


@dataclass(slots=True)
class Preview:
    rows: list[ChangeRow] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


@clocks_cli.command("check")
def clocks_check(file: FileToTry = None) -> None:
    """Can these clocks run? Exit status 2 when not, with every reason."""
    settings = load_settings()
    rules = load_clock_rules(settings, load_policy(settings.policy_file).zone, file)
    typer.echo(f"right: {', '.join(spec.kind for spec in rules.specs)}; version {rules.version}")


@clocks_cli.command("preview")
def clocks_preview(file: FileToTry = None, as_json: AsJson = False) -> None:
    """What would change for the open tickets. Changes nothing."""
    from app.bootstrap import build_services

    services = build_services(load_settings())
    zone = services.policy.zone
    rules = load_clock_rules(services.settings, zone, file)
    seen = preview_of(services.tickets.clocks.preview(rules), lambda at: at.astimezone(zone).isoformat())
    if as_json:
        found = {"version": rules.version, "counts": dict(seen.counts), "changes": [asdict(row) for row in seen.rows]}
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    terminal = Console()
    if seen.rows:
        terminal.print(_table(seen.rows[:_SHOWN]))
    if len(seen.rows) > _SHOWN:
        terminal.print(f"… and {len(seen.rows) - _SHOWN} more (--json has all)")
    counts = ", ".join(f"{name} {count}" for name, count in sorted(seen.counts.items()))
    terminal.print(counts or "nothing would change")


@clocks_cli.command("apply")
def clocks_apply() -> None:
    """Bring the open tickets in line with the file in force, now; the scheduler does the same by itself."""
    from app.bootstrap import build_services

    clocks, done = build_services(load_settings()).tickets.clocks, 0
    while count := clocks.follow_rules():
        done += count
    typer.echo(f"{done} tickets brought in line")


@clocks_cli.command("verify")
def clocks_verify() -> None:
    """Do the clocks that are kept agree with the timelines? Exit status 1 when not, with the tickets."""
    from app.bootstrap import build_services

    wrong = [each.ticket_id for each in build_services(load_settings()).tickets.clocks.mismatches()]
    typer.echo("\n".join(wrong) if wrong else "every clock agrees with its timeline")
    if wrong:
        raise typer.Exit(1)


def preview_of(changes: Iterable[ClockChange], shown: Show) -> Preview:
    """Rows, and how many of which change."""
    seen, tickets = Preview(), set()
    for change in changes:
        what = _what_of(change)
        before, after = change.before, change.after
        seen.rows.append(
            ChangeRow(
                change.number, change.kind, change.round, what, _due(before, shown), _due(after, shown),
                change.was_late, change.is_late,
            )
        )  # fmt: skip
        tickets.add(change.number)
        seen.counts[what] += 1
        if change.was_late != change.is_late:
            seen.counts["newly late" if change.is_late else "no longer late"] += 1
    if tickets:
        seen.counts["tickets"] = len(tickets)
    return seen


def _what_of(change: ClockChange) -> str:
    if change.before is None:
        return "new clock"
    if change.after is None:
        return "clock gone"
    if change.before.due_at == change.after.due_at:
        return "same due time"
    return "due later" if change.after.due_at > change.before.due_at else "due sooner"


def _due(clock: ClockFacts | None, shown: Show) -> str | None:
    return shown(clock.due_at) if clock is not None else None


def _table(rows: list[ChangeRow]) -> Table:
    table = Table("ticket", "clock", "round", "change", "due now", "due then", "late now", "late then")
    for row in rows:
        late = ("yes" if is_late else "" for is_late in (row.late_before, row.late_after))
        table.add_row(
            row.ticket, row.clock, str(row.round), row.change, row.due_before or "", row.due_after or "", *late
        )
    return table
