"""The telephone line on Asterisk: takes calls from the application's events, outlives cuts, stops politely."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine

import structlog

from ivr.adapters.asterisk import leftovers
from ivr.adapters.asterisk.adopted_talk import AdoptedTalk, adopt
from ivr.adapters.asterisk.ari_client import AriAway, AriRefused
from ivr.adapters.asterisk.call import AsteriskCall
from ivr.adapters.asterisk.config import AsteriskConfig
from ivr.adapters.asterisk.conversation import AsteriskSwitchboard
from ivr.adapters.asterisk.dialler import AsteriskDialler
from ivr.adapters.asterisk.facts import Facts
from ivr.adapters.asterisk.stack import DIALLED, OUR_MEDIA, OUR_TALK, AsteriskStack
from ivr.adapters.frame_clock import FrameClock
from ivr.adapters.serving import run_script
from ivr.domain.errors import TalkGoesOn
from ivr.line_ports import FoundTalk
from ivr.ports import CallControl
from kit.ids import new_id
from kit.phone_number import masked

log = structlog.get_logger(__name__)

_LINE_FULL = "34"  # Q.850 no circuit available: becomes SIP 503


class AsteriskLine:
    """One Stasis application. Set `on_call` before `start`; it runs as one task per inbound call."""

    def __init__(self, config: AsteriskConfig) -> None:
        self._config = config
        self._stack = AsteriskStack(config)
        self._calls: dict[AsteriskCall, None] = {}
        self.on_call: Callable[[CallControl], Awaitable[None]] | None = None
        self.on_talk: Callable[[FoundTalk], Awaitable[None]] | None = None
        """Without it a found talk is only waited for."""
        self.on_stock_taken: Callable[[frozenset[str]], None] | None = None
        self.dialler = AsteriskDialler(self._stack, self._admit, lambda: len(self._calls) >= config.max_calls)
        self.switchboard = AsteriskSwitchboard(self._stack)
        self.connected = asyncio.Event()
        """Set while Asterisk sends us its calls."""
        self._handlers: set[asyncio.Task[None]] = set()
        self._connecting: asyncio.Task[None] | None = None
        self._stock = asyncio.Lock()
        self._given_up: asyncio.TimerHandle | None = None
        self._away_since = 0.0
        self._is_stopping = False

    @property
    def live_calls(self) -> tuple[AsteriskCall, ...]:
        return tuple(self._calls)

    @property
    def clock(self) -> FrameClock | None:
        """None: nothing is mixed here in this process, so another line needs its own."""
        return None

    @property
    def media_port(self) -> int:
        """The bound port of the media server, of interest when the configured one is 0."""
        return self._stack.media.port

    async def start(self) -> None:
        """Open the media server and begin to connect; Asterisk may come later. Raises OSError when a port is taken."""
        self._is_stopping = False
        await self._stack.media.open()
        ari = self._stack.ari
        ari.on_event, ari.on_up, ari.on_down = self._on_event, self._on_up, self._on_down
        self._connecting = asyncio.create_task(ari.run())
        log.info("line.endpoint.started", media_port=self.media_port, max_calls=self._config.max_calls)

    async def stop(self) -> None:
        """Take no new calls, leave talks to the next process and other callers to the dialplan, let the scripts
        finish, then close the sockets."""
        self._is_stopping = True
        for leave_to_the_next in list(self._stack.talks.values()):
            leave_to_the_next()
        for call in self.live_calls:
            if call.is_dialled:
                call.leave("stopped")
            else:
                call.send_away("stopped")
        try:
            async with asyncio.timeout(self._config.stop_within_s):
                if self._handlers:
                    await asyncio.wait(list(self._handlers))
                await self._stack.settle()
        except TimeoutError:
            log.warning("line.endpoint.stopped_late", scripts_left=len(self._handlers))
        for task in list(self._handlers):
            task.cancel()
        if self._given_up is not None:
            self._given_up.cancel()
        if self._connecting is not None:
            self._connecting.cancel()
            await asyncio.gather(self._connecting, return_exceptions=True)
        await self._stack.close()
        log.info("line.endpoint.stopped")

    # --- the connection ---

    def _on_up(self) -> None:
        if self._given_up is not None:
            self._given_up.cancel()
            self._given_up = None
        self._stack.spawn(self._take_stock())

    async def _take_stock(self) -> None:
        """Connected, first or anew. What Asterisk refuses, or is late with, is tried again as long as it is there."""
        wait_s = self._config.retry_from_s
        async with self._stock:
            while self._stack.ari.is_up and not self._is_stopping and not await self._has_taken_stock():
                await asyncio.sleep(wait_s)
                wait_s = min(wait_s * 2, self._config.retry_up_to_s)

    async def _has_taken_stock(self) -> bool:
        """Pay what is owed, see who is gone, and take over what nobody serves. False: something is left to do."""
        known = self.live_calls
        try:
            await self._stack.pay_what_is_owed()
            found = await leftovers.look(self._stack)
            for call in known:
                call.check(found.channels)
            await leftovers.clear(self._stack, found)
        except (AriAway, AriRefused) as error:
            log.warning("line.ari.no_stock_taken", reason=str(error))
            return False
        for channel in found.forsaken:
            if channel.text("id") not in self._stack.served_channels:  # it may have rung just now
                log.info("line.call.taken_over")
                self._take_call(channel)
        left = [bridge.text("id") for bridge in found.talks if not await self._has_adopted(bridge, found)]
        if not self._stack.ari.is_up:
            return False
        if self.on_stock_taken is not None:
            self.on_stock_taken(frozenset(each.removeprefix(OUR_TALK) for each in (*self._stack.talks, *left)))
        self.connected.set()
        return not left

    async def _has_adopted(self, bridge: Facts, found: leftovers.Leftovers) -> bool:
        """One talk that cannot be taken over now keeps no other from it."""
        try:
            self._take_talk(await adopt(self._stack, bridge, found.channels))
        except (AriAway, AriRefused) as error:
            log.warning("line.ari.talk_not_adopted", reason=str(error))
            return False
        return True

    def _on_down(self) -> None:
        self.connected.clear()
        if self._stack.ari.is_replaced:
            for call in self.live_calls:
                call.let_go("transport_replaced")
        loop = asyncio.get_running_loop()
        self._away_since = loop.time()
        self._given_up = loop.call_later(self._config.gone_after_s, self._give_up)

    def _give_up(self) -> None:
        """Asterisk is away for long. Calls whose sound still flows go on; the others are gone, or as good as gone.
        Whoever talks inside Asterisk may well do so still."""
        loop = asyncio.get_running_loop()
        are_talks_over = loop.time() - self._away_since >= self._config.talk_gone_after_s
        for call in self.live_calls:
            if call.is_cut_off and (are_talks_over or not call.is_in_talk):
                call.leave("transport_asterisk")
        self._given_up = loop.call_later(self._config.gone_after_s, self._give_up)

    # --- calls ---

    def _on_event(self, event: Facts) -> None:
        if self._stack.route(event) or event.text("type") != "StasisStart":
            return
        channel = Facts.of(event.content.get("channel"))
        if channel.text("id").startswith(OUR_MEDIA) or event.texts("args") == [DIALLED]:
            self._stack.remove("channels", channel.text("id"))  # it came up after its call was over
        else:
            self._take_call(channel)

    def _take_call(self, channel: Facts) -> None:
        channel_id = channel.text("id")
        line = channel.text("dialplan", "exten") or self._config.line_number
        if self._is_stopping:
            self._stack.spawn(self._stack.to_dialplan(channel_id, line))
            return
        if self.on_call is None or len(self._calls) >= self._config.max_calls:
            log.warning("line.call.refused", live=len(self._calls))
            self._stack.remove("channels", channel_id, reason_code=_LINE_FULL)
            return
        call = AsteriskCall(
            self._stack,
            channel_id,
            call_id=new_id(),
            caller=channel.text("caller", "number") or "anonymous",
            line=line,
        )
        self._admit(call)
        log.info("line.call.arrived", call_id=call.call_id, caller=masked(call.caller), line=call.line)
        self._stack.subscribe(channel_id)
        self._handle(run_script(call, self.on_call))

    def _take_talk(self, talk: AdoptedTalk) -> None:
        for call in talk.calls:
            self._admit(call)
        self._handle(self._serve_talk(talk))

    async def _serve_talk(self, talk: AdoptedTalk) -> None:
        try:
            if self.on_talk is not None:
                await self.on_talk(talk)
            else:
                await talk.outlive()
        except TalkGoesOn:
            return  # we stop
        except Exception:
            log.exception("line.script.failed")
        finally:
            for call in talk.calls:
                await call.hang_up()
            await talk.conversation.close()

    def _handle(self, serving: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(serving)
        self._handlers.add(task)
        task.add_done_callback(self._handlers.discard)

    def _admit(self, call: AsteriskCall) -> None:
        self._calls[call] = None
        call.on_ended = lambda over: self._calls.pop(over, None)
