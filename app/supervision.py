"""The runner's long-lived half: Supervisor, with every output line on stdout under its process's name.

`python -m app.supervision CONFIG STATUS_FILE`. Kept small on purpose: this process must outlive all others.
"""

import contextlib
import json
import os
import queue
import sys
import threading
from pathlib import Path
from typing import Any

from supervisor import events
from supervisor.medusa.asyncore_25 import ExitNow
from supervisor.options import ServerOptions
from supervisor.states import getProcessStateDescription
from supervisor.supervisord import Supervisor

_LINES_KEPT = 10_000
_LAST_WORDS_S = 2.0


class _Screen:
    """Writes lines from a thread of its own: a terminal that stands still must not make the hotline stand still.

    When it cannot keep up, lines are dropped here; the files under logs/ have them all.
    """

    def __init__(self) -> None:
        self._lines: queue.Queue[str | None] = queue.Queue(_LINES_KEPT)
        self._thread = threading.Thread(target=self._write, daemon=True, name="screen")
        self._thread.start()

    def show(self, name: str, text: str) -> None:
        for line in text.splitlines():
            with contextlib.suppress(queue.Full):
                self._lines.put_nowait(f"{name:<10} | {line}\n")

    def close(self) -> None:
        with contextlib.suppress(queue.Full):
            self._lines.put_nowait(None)
        self._thread.join(_LAST_WORDS_S)

    def _write(self) -> None:
        while (line := self._lines.get()) is not None:
            with contextlib.suppress(OSError):  # whoever watched has gone away
                sys.stdout.write(line)
                sys.stdout.flush()


class _Reporter:
    """Turns Supervisor's events into lines on the screen and into the status file."""

    def __init__(self, screen: _Screen, status_file: Path) -> None:
        self._screen = screen
        self._status_file = status_file
        self._states: dict[str, dict[str, str | int]] = {}
        self._halves: dict[tuple[str, str], str] = {}

    def on_output(self, event: Any) -> None:
        """Output comes in pieces that may end in the middle of a line."""
        key = (event.process.config.name, event.channel)
        data = event.data.decode(errors="replace") if isinstance(event.data, bytes) else event.data
        lines, newline, half = (self._halves.pop(key, "") + data).rpartition("\n")
        self._halves[key] = half
        if newline:
            self._screen.show(key[0], lines)

    def on_state(self, event: Any) -> None:
        name, pid = event.process.config.name, event.process.pid
        state = getProcessStateDescription(event.process.state)
        self._states[name] = {"state": state, "pid": pid}
        self._screen.show("runner", f"{name} {state.lower()}" + (f", process {pid}" if state == "RUNNING" else ""))
        self._write_status()

    def _write_status(self) -> None:
        fresh = self._status_file.with_suffix(".new")
        try:
            fresh.write_text(json.dumps({"runner": os.getpid(), "processes": self._states}, indent=2))
            fresh.replace(self._status_file)
        except OSError as error:  # a full disk must not stop the supervision
            self._screen.show("runner", f"status file not written: {error.strerror}")


class _Supervisor(Supervisor):  # type: ignore[misc]  # published without types
    def __init__(self, options: Any, reporter: _Reporter) -> None:
        super().__init__(options)
        self._reporter = reporter

    def runforever(self) -> None:
        """Subscribes here because Supervisor forgets its subscribers just before."""
        events.subscribe(events.ProcessLogEvent, self._reporter.on_output)
        events.subscribe(events.ProcessStateEvent, self._reporter.on_state)
        super().runforever()


def main(config: str, status_file: str) -> None:
    screen = _Screen()
    options = ServerOptions()
    options.realize(["--nodaemon", "--silent", "--configuration", config])
    options.first, options.test = True, False
    try:
        _Supervisor(options, _Reporter(screen, Path(status_file))).main()
    except ExitNow:  # how Supervisor says that everything has stopped
        pass
    finally:
        Path(status_file).unlink(missing_ok=True)
        screen.close()
        options.close_logger()


if __name__ == "__main__":
    main(*sys.argv[1:])
