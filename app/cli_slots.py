"""`hotline slots`: try the rules on a sentence, and check an edited folder of rules before it is put in force."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from app.typed_words import typed_words
from asr.domain.privacy.redaction import masked
from asr.domain.rules import Rules
from asr.domain.slots.slot import Evidence, Slot
from asr.domain.understanding import Understanding, understand
from config.settings import load_settings

slots_cli = typer.Typer(no_args_is_help=True, help="The rules of slots and redaction.")

_CONTEXT = 3


@slots_cli.command("try")
def slots_try(
    text: Annotated[str, typer.Argument(help="What a citizen might say")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object as the last line.")] = False,
    folder: Annotated[Path | None, typer.Option("--rules", help="A folder of rules; default: those in force")] = None,
) -> None:
    """What is found in a sentence, why, and how sure it is."""
    from asr.adapters.rule_files import load_rules

    rules = load_rules(folder or load_settings().speech_rules_dir)
    found = understand(typed_words(text), rules)
    if as_json:
        typer.echo(json.dumps(found_as_json(found, rules), ensure_ascii=False))
    else:
        terminal = Console()
        terminal.print(slot_table(found, rules))
        terminal.print(escape(f"masked: {masked(found.reading.text, found.redactions)}"))


@slots_cli.command("check")
def slots_check(
    folder: Annotated[Path | None, typer.Argument(help="Folder of rules; default: the one in force")] = None,
) -> None:
    """Is every file right? Exit status 1 when not, with file, line and reason."""
    from asr.adapters.rule_files import checked_rules

    rules, wrong = checked_rules(folder or load_settings().speech_rules_dir)
    for error in wrong:
        typer.echo(error.message)
    if rules is None:
        sys.exit(1)
    typer.echo(f"right: {summary(rules)}")


def summary(rules: Rules) -> str:
    subcategories = rules.categories.subcategories.values()
    return (
        f"version {rules.version}, {len({each.category for each in subcategories})} categories with"
        f" {len(subcategories)} subcategories, {len(rules.gazetteer)} names"
    )


def slot_table(found: Understanding, rules: Rules) -> Table:
    table = Table()
    for title in ("slot", "value", "label", "heard", "confidence", "gate", "reason"):
        table.add_column(title, overflow="fold")
    for slot in found.slots:
        colour = "yellow" if slot.needs_person else "green"
        sure = f"[{colour}]{slot.confidence:.2f}{' a person' if slot.needs_person else ''}[/]"
        gate = f"{rules.slots.gates.get(slot.kind, 1.0):.2f}"
        heard = "\n".join(_marked(found.reading.text, each) for each in slot.evidence)
        table.add_row(slot.kind.value, escape(slot.value), escape(slot.label), heard, sure, gate, slot.reason)
    return table


def _marked(text: str, evidence: Evidence) -> str:
    """The evidence in bold, with a few letters before and after it."""
    start, end = evidence.start_char, evidence.end_char
    before, after = text[max(0, start - _CONTEXT) : start], text[end : end + _CONTEXT]
    return f"{escape(before)}[bold underline]{escape(text[start:end])}[/]{escape(after)}"


def found_as_json(found: Understanding, rules: Rules) -> dict[str, Any]:
    text = found.reading.text
    return {
        "text": text,
        "masked": masked(text, found.redactions),
        "rules_version": found.rules_version,
        "slots": [_slot_as_json(text, slot, rules) for slot in found.slots],
        "redactions": [
            {"kind": each.kind.value, "start": each.start_char, "end": each.end_char, "mask": each.mask}
            for each in found.redactions
        ],
    }


def _slot_as_json(text: str, slot: Slot, rules: Rules) -> dict[str, Any]:
    return {
        "kind": slot.kind.value,
        "value": slot.value,
        "label": slot.label,
        "confidence": slot.confidence,
        "gate": rules.slots.gates.get(slot.kind),
        "needs_person": slot.needs_person,
        "reason": slot.reason,
        "evidence": [
            {"start": each.start_char, "end": each.end_char, "text": text[each.start_char : each.end_char]}
            for each in slot.evidence
        ],
    }
