"""Draws docs/ticket-life.md from the table of the ticket's life. `--check`: only says whether it is up to date."""

import sys
from collections.abc import Iterator

from ticketing.domain.lifecycle import RULES, After, Rule, TicketStatus
from tools.prepare import ROOT

PAGE = ROOT / "docs" / "ticket-life.md"

_HEAD = """# The life of a ticket

Drawn from `ticketing/domain/lifecycle.py` by `make fix`; `make check` says when it is out of date. Whoever wants
another life changes the table there. Actions that change nothing of the way (notes, corrections, cards) are in the list
only.

"""
_NOBODY = "the system"


def page() -> str:
    return _HEAD + "\n".join(("```mermaid", "stateDiagram-v2", *_arrows(), "```", "", *_table(), ""))


def _arrows() -> Iterator[str]:
    yield f"    [*] --> {TicketStatus.NEW}"
    for rule in RULES:
        for status in (status for status in TicketStatus if status in rule.before):
            if rule.after is After.BACK:
                yield f"    {status} --> {status}: {rule.action} (back to where it was)"
            elif rule.after is not After.SAME and rule.after is not status:
                yield f"    {status} --> {rule.after}: {rule.action}"
    yield f"    {TicketStatus.CLOSED} --> [*]"


def _table() -> Iterator[str]:
    yield "| action | of a ticket that is | leads to | who | needs |"
    yield "|---|---|---|---|---|"
    for rule in RULES:
        who, needs = _names(rule.who) or _NOBODY, _names(rule.needs) or "–"
        yield f"| {rule.action} | {_before(rule)} | {_after(rule)} | {who} | {needs} |"


def _before(rule: Rule) -> str:
    missing = [status for status in TicketStatus if status not in rule.before]
    if not missing:
        return "any"
    if missing == [TicketStatus.CLOSED]:
        return "any but closed"
    return ", ".join(status for status in TicketStatus if status in rule.before)


def _after(rule: Rule) -> str:
    match rule.after:
        case After.SAME:
            return "the same"
        case After.BACK:
            return "what it was"
        case status:
            return status.value


def _names(several: frozenset[str]) -> str:
    return ", ".join(sorted(several))


def main() -> int:
    drawn = page()
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(drawn, encoding="utf-8")
        return 0
    if not PAGE.exists() or PAGE.read_text(encoding="utf-8") != drawn:
        sys.stderr.write("docs/ticket-life.md is not what the table says: run `make fix`, and look at the difference\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
