"""One script for one inbound call, whatever line it came over; it never ends with somebody on a dead line."""

from collections.abc import Awaitable, Callable

import structlog

from ivr.domain.errors import CallerHungUp
from ivr.ports import CallControl
from kit.log_context import log_context

log = structlog.get_logger(__name__)


async def run_script(call: CallControl, script: Callable[[CallControl], Awaitable[None]]) -> None:
    with log_context(call_id=call.call_id):
        try:
            await script(call)
        except CallerHungUp:
            pass  # a script may end by it; it is an outcome
        except Exception:
            log.exception("line.script.failed")
        finally:
            await call.hang_up()
