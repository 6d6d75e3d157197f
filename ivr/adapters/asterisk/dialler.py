"""Outbound calls through Asterisk: one channel of a chosen id, its events, and what each end means for the citizen."""

import asyncio
import math
import re
from collections.abc import Callable

import structlog

from ivr.adapters.asterisk.ari_client import AriAway, AriRefused
from ivr.adapters.asterisk.call import AsteriskCall
from ivr.adapters.asterisk.facts import Facts
from ivr.adapters.asterisk.outcomes import dial_failure, words_of
from ivr.adapters.asterisk.stack import DIALLED, AsteriskStack
from ivr.domain.errors import CallerHungUp
from ivr.ports import CallControl, DialFailed, DialFailure, LineUnusable
from kit.ids import new_id
from kit.phone_number import masked

log = structlog.get_logger(__name__)

_NUMBER = re.compile(r"\+?[0-9*#]{1,32}")
_SIP_URI = re.compile(r"sips?:[^\s<>@/,&|]+@[^\s<>@/,&|]+", re.IGNORECASE)
_PHONE = re.compile(r"PJSIP/[0-9A-Za-z_.-]+")


class AsteriskDialler:
    """Implements ivr.ports.Dialler. Numbers and `sip:` URIs leave by the trunk's endpoint; `PJSIP/NAME` is a phone."""

    def __init__(
        self, stack: AsteriskStack, admit: Callable[[AsteriskCall], None], is_full: Callable[[], bool]
    ) -> None:
        self._stack = stack
        self._admit = admit
        self._is_full = is_full

    async def dial(self, number: str, *, call_id: str, ring_timeout_s: float) -> CallControl:
        endpoint, is_trunk = self._endpoint_of(number)
        if self._is_full():
            raise LineUnusable("line full")
        dialling = _Dialling(self._stack, endpoint, is_trunk=is_trunk)
        await dialling.ring(ring_timeout_s)
        line = self._stack.config.line_number
        caller = number.removeprefix("sip:").split("@", 1)[0]
        call = AsteriskCall(
            self._stack, dialling.channel_id, call_id=call_id, caller=caller, line=line, is_dialled=True
        )
        self._admit(call)
        try:
            await call.answer()
        except CallerHungUp:
            raise DialFailed(DialFailure.CONGESTED, call.end_cause or "gone") from None
        except BaseException:
            await call.hang_up()
            raise
        log.info("line.call.picked_up", call_id=call_id, number=masked(caller))
        return call

    def _endpoint_of(self, number: str) -> tuple[str, bool]:
        """Asterisk's dial string, and whether only the trunk can be blamed for silence. Raises DialFailed."""
        text, trunk = number.strip(), self._stack.config.trunk
        if _PHONE.fullmatch(text):
            return text, False
        is_uri = text.lower().startswith(("sip:", "sips:"))
        compact = text if is_uri else re.sub(r"[ ()-]", "", text)
        if not (_SIP_URI if is_uri else _NUMBER).fullmatch(compact):
            raise DialFailed(DialFailure.INVALID_NUMBER, "not a SIP URI" if is_uri else "not a number")
        if not trunk:
            raise DialFailed(DialFailure.CONGESTED, "no trunk")
        return (f"PJSIP/{trunk}/{compact}", False) if is_uri else (f"PJSIP/{compact}@{trunk}", True)


class _Dialling:
    """One channel from its creation to its answer or its end."""

    def __init__(self, stack: AsteriskStack, endpoint: str, *, is_trunk: bool) -> None:
        self.channel_id = f"hl-out-{new_id()}"
        self._stack = stack
        self._endpoint = endpoint
        self._is_trunk = is_trunk
        self._is_ringing = False
        self._over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def ring(self, timeout_s: float) -> None:
        """Returns when it was answered. Raises DialFailed; cancelled or failed, the call is taken back."""
        self._stack.listen(self.channel_id, self._on_event)
        try:
            async with asyncio.timeout(timeout_s):
                await self._originate(timeout_s)
                await self._over
        except TimeoutError:
            self._take_back()
            if self._is_ringing:
                raise DialFailed(DialFailure.NO_ANSWER, "ring timeout") from None
            failure = dial_failure(0, 0, is_ringing=False, is_trunk=self._is_trunk)
            raise DialFailed(failure, "no reply") from None
        except AriAway:
            self._take_back()
            raise LineUnusable("asterisk away") from None
        except AriRefused as refused:
            self._stack.unlisten(self.channel_id)
            raise DialFailed(DialFailure.CONGESTED, f"ari {refused.status}") from None
        except BaseException:
            self._take_back()
            raise

    async def _originate(self, timeout_s: float) -> None:
        config = self._stack.config
        await self._stack.ari.request(
            "POST", "channels", endpoint=self._endpoint, app=config.app, appArgs=DIALLED, channelId=self.channel_id,
            callerId=config.line_number, formats="alaw,ulaw", timeout=math.ceil(timeout_s) + 1,
        )  # fmt: skip

    def _take_back(self) -> None:
        self._stack.unlisten(self.channel_id)
        self._stack.remove("channels", self.channel_id)

    def _on_event(self, event: Facts) -> None:
        match event.text("type"):
            case "Dial" if event.text("dialstatus") in ("RINGING", "PROGRESS"):
                self._is_ringing = True
            case "ChannelStateChange" if event.text("channel", "state") == "Ringing":
                self._is_ringing = True
            case "StasisStart" if not self._over.done():
                self._over.set_result(None)
            case "ChannelDestroyed" if not self._over.done():
                cause, status = event.number("cause"), event.number("tech_cause")
                failure = dial_failure(cause, status, is_ringing=self._is_ringing, is_trunk=self._is_trunk)
                self._over.set_exception(DialFailed(failure, words_of(cause, status)))
