"""The embedded telephone line: admits calls, routes messages to them, watches over them, stops politely."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from aiosipua.dialog import create_dialog_from_request

from ivr.adapters.conversation_hub import MixingSwitchboard
from ivr.adapters.counters import Count, Counters
from ivr.adapters.embedded_sip.call import SipCall
from ivr.adapters.embedded_sip.call_table import CallTable
from ivr.adapters.embedded_sip.config import EmbeddedSipConfig
from ivr.adapters.embedded_sip.dialler import EmbeddedDialler
from ivr.adapters.embedded_sip.media_terms import NoCommonMedia, Offer, answer_sdp, read_offer
from ivr.adapters.embedded_sip.messages import ALLOW, Request, Response
from ivr.adapters.embedded_sip.registration import Registration
from ivr.adapters.embedded_sip.stack import SipStack
from ivr.adapters.frame_clock import FrameClock
from ivr.adapters.serving import run_script
from ivr.line_ports import FoundTalk
from ivr.ports import CallControl
from kit.ids import new_id
from kit.phone_number import masked

log = structlog.get_logger(__name__)

_WATCH_EVERY_S = 0.25
_IN_DIALOG = frozenset({"BYE", "INFO", "UPDATE"})


class EmbeddedSipLine:
    """One SIP endpoint. Set `on_call` before `start`; it runs as one task per inbound call."""

    def __init__(self, config: EmbeddedSipConfig) -> None:
        self._config = config
        self._stack = SipStack(config)
        self._calls = CallTable(config.max_calls)
        self.on_call: Callable[[CallControl], Awaitable[None]] | None = None
        self.on_talk: Callable[[FoundTalk], Awaitable[None]] | None = None
        self.dialler = EmbeddedDialler(self._stack, self._calls)
        self.switchboard = MixingSwitchboard(self._stack.clock, self._stack.writer)
        self._registration = Registration(self._stack) if config.trunk_register else None
        self._handlers: set[asyncio.Task[None]] = set()
        self._watch: asyncio.Task[None] | None = None
        self._is_stopping = False

    @property
    def counters(self) -> Counters:
        return self._stack.counters

    @property
    def clock(self) -> FrameClock:
        """For another line of this process whose calls may talk with ours."""
        return self._stack.clock

    @property
    def live_calls(self) -> tuple[SipCall, ...]:
        return self._calls.live

    @property
    def port(self) -> int:
        """The bound SIP port, of interest when the configured one is 0."""
        return self._stack.socket.port

    @property
    def is_registered(self) -> bool:
        """At the trunk; always False when no registration was asked for."""
        return self._registration is not None and self._registration.is_registered

    async def start(self) -> None:
        """Bind and serve. Raises OSError when the port is taken."""
        self._is_stopping = False
        self._stack.socket.on_message = self._on_message
        await self._stack.open()
        self._watch = asyncio.create_task(self._watch_calls())
        if self._registration is not None:
            self._registration.start()
        log.info("line.endpoint.started", port=self.port, max_calls=self._config.max_calls)

    async def stop(self) -> None:
        """Refuse new calls, say BYE on all lines, let the scripts finish, then close the sockets."""
        self._is_stopping = True
        for call in self._calls.live:
            call.leave("stopped")
        self._stack.transactions.drop_unanswered_invites()
        try:
            async with asyncio.timeout(self._config.stop_within_s):
                if self._handlers:
                    await asyncio.wait(list(self._handlers))
                if self._registration is not None:
                    await self._registration.stop()
                await self._stack.settle()
        except TimeoutError:
            log.warning("line.endpoint.stopped_late", scripts_left=len(self._handlers))
        for task in list(self._handlers):
            task.cancel()
        if self._watch is not None:
            self._watch.cancel()
        await self._stack.close()
        log.info("line.endpoint.stopped")

    # --- messages ---

    def _on_message(self, message: Request | Response) -> None:
        if isinstance(message, Response):
            self._stack.transactions.take_response(message)
        elif not self._stack.transactions.absorbs(message):
            self._take_request(message)

    def _take_request(self, request: Request) -> None:
        match request.method:
            case "ACK":
                call = self._calls.find(request.call_id, request.to_tag)
                if call is not None:
                    call.take_ack(request)
                # the ACK of a stateless refusal belongs to nothing, and that is right
            case "INVITE" if not request.to_tag:
                self._take_invite(request)
            case "CANCEL":
                self._take_cancel(request)
            case "OPTIONS":
                self._stack.answer_stateless(request, 200, {"Allow": ALLOW, "Accept": "application/sdp"})
            case method if method == "INVITE" or method in _IN_DIALOG:
                self._take_in_dialog(request)
            case _:
                self._stack.answer_stateless(request, 405, {"Allow": ALLOW})

    def _take_in_dialog(self, request: Request) -> None:
        call = self._calls.find(request.call_id, request.to_tag)
        if call is None:
            self._stack.counters.odd(Count.STRAY_MESSAGES, method=request.method)
            self._stack.answer_stateless(request, 481)
            return
        call.take_request(self._stack.transactions.open_server(request))

    def _take_cancel(self, request: Request) -> None:
        invite = self._stack.transactions.invite_of_cancel(request)
        self._stack.answer_stateless(request, 200 if invite is not None else 481)
        if invite is not None and invite.on_cancel is not None:
            invite.on_cancel()

    # --- new calls ---

    def _take_invite(self, request: Request) -> None:
        offer = self._admitted(request)
        if offer is None or self.on_call is None:
            return
        invite = self._stack.transactions.open_server(request)
        dialog = create_dialog_from_request(request.message)
        call = SipCall.ringing(self._stack, invite, offer, dialog, new_id())
        self._calls.add(call)
        self._stack.counters.add(Count.CALLS_IN)
        log.info("line.call.arrived", call_id=call.call_id, caller=masked(call.caller), line=call.line)
        task = asyncio.get_running_loop().create_task(run_script(call, self.on_call))
        self._handlers.add(task)
        task.add_done_callback(self._handlers.discard)

    def _admitted(self, request: Request) -> Offer | None:
        """The offer of a call that may come in; otherwise the refusal is sent and nothing is kept of it."""
        answer = self._stack.answer_stateless
        required = ", ".join(request.message.headers.get("require"))
        if self._calls.has_origin(request.call_id, request.from_tag):
            answer(request, 482)
        elif required:
            answer(request, 420, {"Unsupported": required})
        elif self._calls.is_full or self._is_stopping or self.on_call is None:
            self._stack.counters.odd(Count.CALLS_OVER_LIMIT, live=len(self._calls.live))
            answer(request, 503, {"Retry-After": str(self._config.retry_after_s)})
        else:
            try:
                offer = read_offer(request.message.text, request.flow.host)
                answer_sdp(offer, host="0.0.0.0", port=1, version=1)  # noqa: S104 - only to see that it can be
            except NoCommonMedia as error:
                self._stack.counters.odd(Count.NO_COMMON_CODEC, why=str(error))
                answer(request, 488)
            else:
                return offer
        return None

    # --- watching ---

    async def _watch_calls(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(_WATCH_EVERY_S)
            now = loop.time()
            for call in self._calls.live:
                if call.is_dead(now):
                    self._stack.counters.odd(Count.DEAD_MEDIA)
                    call.leave("dead_media")
            self._calls.forget_settled()
