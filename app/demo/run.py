"""`hotline demo`: tell the story on the terminal, and as one JSON object on the last line."""

import asyncio
import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Coroutine
from pathlib import Path

from rich.console import Console

from app.demo.story import Story, tell_story


def _story_of(is_live: bool) -> Callable[[Path, Story], Coroutine[None, None, None]]:
    if not is_live:
        return tell_story
    from app.demo.live import tell_live_story  # it needs a browser, which an installation has not

    return tell_live_story


def run_demo(*, as_json: bool, keep: bool, is_live: bool = False) -> int:
    """Exit status 0 only if every step truly happened. `keep` leaves the scratch folder for a look."""
    terminal = Console(file=sys.stderr if as_json else sys.stdout, highlight=False)

    def tell(name: str, text: str, seconds: float) -> None:
        for number, line in enumerate(text.splitlines()):
            terminal.print(f"{seconds:7.2f} s  {line}" if number == 0 else f"{'':11}{line}")

    folder = Path(tempfile.mkdtemp(prefix="hotline-demo-"))
    story, failure = Story(tell), ""
    try:
        asyncio.run(_story_of(is_live)(folder, story))
    except KeyboardInterrupt:
        failure = "interrupted"
    except Exception as error:  # noqa: BLE001 - the edge: whatever broke is shown, and the exit status says so
        failure = f"{type(error).__name__}: {error}"
        terminal.print_exception()
    if failure:
        terminal.print(f"[red]the story broke after '{next(reversed(story.steps), 'nothing')}'[/red]: {failure}")
        terminal.print(f"logs: {folder}")
    elif keep:
        terminal.print(f"kept: {folder}")
    else:
        shutil.rmtree(folder)
    if as_json:
        result = {"ok": not failure, "steps_s": story.steps, **story.facts}
        sys.stdout.write(json.dumps(result | ({"failure": failure} if failure else {}), ensure_ascii=False) + "\n")
    return 1 if failure else 0
