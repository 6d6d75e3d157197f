"""A telephony process for the kill tests: claims, marks, and dials into a file. Run with -m; it never ends by itself.

Arguments: database URL, telephony id, book of dials, and where to stop: `claimed` or `dialled`.
"""

import sys
import threading
from pathlib import Path

from callbacks.service import CallbackService
from kit.clock import SystemClock
from kit.db import Database
from tests.integration.callbacks.books import POLICY


def main(url: str, telephony_id: str, dials: Path, stop_at: str) -> None:
    service = CallbackService(Database(url), SystemClock(), POLICY)
    for claim in service.claim_due(telephony_id, 1):
        if stop_at == "dialled":
            service.mark_dialling(claim.attempt_id)
            with dials.open("a") as book:
                book.write(f"{claim.attempt_id}\n")
    sys.stderr.write("ready\n")  # standard output is the log's
    sys.stderr.flush()
    threading.Event().wait()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), sys.argv[4])
