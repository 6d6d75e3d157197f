"""Start a program that ends when its parent ends: `python -m app.tether [--parent PID] [--after PORT] -- PROGRAM …`.

Without it a killed runner would leave a hotline that nobody looks after. The kernel does the watching (Linux);
elsewhere the program is simply started.
"""

import argparse
import ctypes
import os
import signal
import socket
import sys
import time

_PR_SET_PDEATHSIG = 1
_PORT_WITHIN_S = 10.0
_LOOK_EVERY_S = 0.05


def die_with_parent(parent: int | None = None, number: signal.Signals = signal.SIGTERM) -> None:
    """Have the kernel send `number` to this process when its parent dies. `parent`: who that was when we were made."""
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0)
    if parent is not None and os.getppid() != parent:  # it died before we could ask
        os.kill(os.getpid(), number)


def wait_for_port(port: int, within_s: float = _PORT_WITHIN_S) -> bool:
    """Wait until somebody answers on this loopback port. A start without it is allowed: the program copes."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(_LOOK_EVERY_S)
        else:
            return True
    return False


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parent", type=int)
    parser.add_argument("--after", type=int, metavar="PORT")
    parser.add_argument("program", nargs="+")
    options = parser.parse_args()
    die_with_parent(options.parent)
    if options.after:
        wait_for_port(options.after)
    os.execv(options.program[0], options.program)  # noqa: S606 - a known program, no shell


if __name__ == "__main__":
    main()
