"""Outbound calls: INVITE with digest, ring timeout, CANCEL, and what each refusal means for the citizen."""

import asyncio
from dataclasses import dataclass

import structlog
from aiosipua.dialog import Dialog
from aiosipua.message import SipRequest
from aiosipua.utils import generate_tag

from ivr.adapters.counters import Count
from ivr.adapters.embedded_sip import media_terms
from ivr.adapters.embedded_sip.call import SipCall
from ivr.adapters.embedded_sip.call_table import CallTable
from ivr.adapters.embedded_sip.dialog_routing import establish, next_hop
from ivr.adapters.embedded_sip.messages import Flow, Response
from ivr.adapters.embedded_sip.rtp_stream import NoFreePort, RtpStream
from ivr.adapters.embedded_sip.stack import Parties, SipStack
from ivr.adapters.embedded_sip.targets import NoSuchHost, Target, resolve, target_of
from ivr.adapters.embedded_sip.transactions import LIFETIME_OVER_T1, ClientTransaction, NoReply
from ivr.ports import CallControl, DialFailed, DialFailure
from kit.ids import new_id
from kit.phone_number import masked

log = structlog.get_logger(__name__)

_FAILURE_OF_STATUS = {
    401: DialFailure.CONGESTED,  # our credentials were refused: the trunk's matter, not the citizen's
    403: DialFailure.REJECTED,
    404: DialFailure.INVALID_NUMBER,
    407: DialFailure.CONGESTED,
    408: DialFailure.NO_ANSWER,
    410: DialFailure.INVALID_NUMBER,
    480: DialFailure.NO_ANSWER,
    484: DialFailure.INVALID_NUMBER,
    486: DialFailure.BUSY,
    487: DialFailure.NO_ANSWER,
    600: DialFailure.BUSY,
    603: DialFailure.REJECTED,
    604: DialFailure.INVALID_NUMBER,
    607: DialFailure.REJECTED,
    608: DialFailure.REJECTED,
}


def failure_of_status(status: int) -> DialFailure:
    known = _FAILURE_OF_STATUS.get(status)
    if known is not None:
        return known
    return DialFailure.CONGESTED if 500 <= status < 600 else DialFailure.UNREACHABLE


@dataclass(slots=True)
class _Dial:
    """One outbound INVITE dialogue before it is a call."""

    dialog: Dialog
    flow: Flow
    transaction: ClientTransaction


class EmbeddedDialler:
    """Implements ivr.ports.Dialler. Telephone numbers go to the trunk, `sip:` URIs straight to their host."""

    def __init__(self, stack: SipStack, calls: CallTable) -> None:
        self._stack = stack
        self._calls = calls

    async def dial(self, number: str, *, call_id: str, ring_timeout_s: float) -> CallControl:
        return await self.place(number, call_id=call_id, ring_timeout_s=ring_timeout_s)

    async def place(self, number: str, *, call_id: str, ring_timeout_s: float) -> SipCall:
        """As `dial`, with the concrete call that the test phone needs."""
        target = target_of(number, self._stack.config.trunk)
        if self._calls.is_full:
            raise DialFailed(DialFailure.CONGESTED, "line full")
        self._calls.reserve()
        try:
            host = await self._resolved(target)
            with self._stack.peers.trusting(host):
                call = await self._dial_host(target, host, call_id, ring_timeout_s)
                self._add(call, host)
        finally:
            self._calls.release()
        log.info("line.call.picked_up", call_id=call_id, number=masked(target.user))
        return call

    def _add(self, call: SipCall, host: str) -> None:
        """The host stays trusted for as long as the call lives."""
        self._stack.peers.trust(host)
        self._calls.add(call)
        forget = call.on_ended

        def ended(over: SipCall) -> None:
            self._stack.peers.distrust(host)
            forget(over)

        call.on_ended = ended

    async def _resolved(self, target: Target) -> str:
        try:
            return await resolve(target)
        except NoSuchHost:
            raise DialFailed(_of_dead_host(target), "no such host") from None

    async def _dial_host(self, target: Target, host: str, call_id: str, ring_timeout_s: float) -> SipCall:
        try:
            stream = await self._stack.open_stream()
        except NoFreePort:
            raise DialFailed(DialFailure.CONGESTED, "no free media port") from None
        try:
            dial, answer = await self._ring(target, host, stream, ring_timeout_s)
            return self._connected(dial, answer, stream, call_id=call_id, target=target)
        except NoReply as error:
            raise DialFailed(_of_dead_host(target), error.cause) from None
        except BaseException:
            stream.close()
            raise

    async def _ring(
        self, target: Target, host: str, stream: RtpStream, ring_timeout_s: float
    ) -> tuple[_Dial, Response]:
        """Until somebody picks up; raises DialFailed, NoReply."""
        flow = Flow(target.transport, host, target.port)
        invite, dialog = self._first_invite(target, flow, stream)
        self._stack.counters.add(Count.CALLS_OUT)
        deadline = asyncio.get_running_loop().time() + ring_timeout_s
        tries = 0
        while True:
            transaction = self._stack.transactions.request(invite, flow)
            dial = _Dial(dialog, flow, transaction)
            transaction.on_other_answer = lambda answer, dial=dial: self._refuse(dial, answer)
            response = await self._final(dial, deadline)
            if response.status < 300:
                return dial, response
            if not self._stack.again_with_credentials(transaction, response, tries):
                raise DialFailed(failure_of_status(response.status), f"sip {response.status}")
            tries += 1
            dialog.next_cseq()

    async def _final(self, dial: _Dial, deadline: float) -> Response:
        """The final response, or the call is cancelled: by time, or because our task is."""
        transaction = dial.transaction
        no_reply_at = asyncio.get_running_loop().time() + self._stack.config.no_reply_s
        try:
            async with asyncio.timeout_at(min(no_reply_at, deadline)):
                await _first_of(transaction)
            async with asyncio.timeout_at(deadline):
                return await asyncio.shield(transaction.final)
        except TimeoutError:
            self._stack.spawn(self._cancel(dial))
            if not transaction.progressed.is_set():
                raise NoReply("no reply") from None
            raise DialFailed(DialFailure.NO_ANSWER, "ring timeout") from None
        except asyncio.CancelledError:
            self._stack.spawn(self._cancel(dial))
            raise

    async def _cancel(self, dial: _Dial) -> None:
        """CANCEL once there is something to cancel; if the answer was faster, take it and hang up."""
        transaction = dial.transaction
        with self._stack.peers.trusting(dial.flow.host):
            await _first_of(transaction)
            if not transaction.final.done():
                self._stack.transactions.request(_cancel_of(transaction.message), dial.flow)
            try:
                async with asyncio.timeout(LIFETIME_OVER_T1 * self._stack.config.t1_s):
                    answer = await asyncio.shield(transaction.final)
            except (TimeoutError, NoReply):
                return
            if answer.status < 300:
                self._refuse(dial, answer)

    def _refuse(self, dial: _Dial, answer: Response) -> None:
        """ACK and BYE for a pick-up that nobody wants any more (glare, or a second phone)."""
        other = Dialog(
            call_id=dial.dialog.call_id,
            local_tag=dial.dialog.local_tag,
            local_uri=dial.dialog.local_uri,
            remote_uri=dial.dialog.remote_uri,
            local_cseq=dial.dialog.local_cseq,
        )
        establish(other, answer)
        self._acknowledge(dial.transaction, other, answer)
        self._stack.spawn(self._stack.say_bye(other, dial.flow))

    def _connected(self, dial: _Dial, answer: Response, stream: RtpStream, *, call_id: str, target: Target) -> SipCall:
        try:
            terms = media_terms.read_answer(answer.message.text, answer.flow.host)
        except media_terms.NoCommonMedia:
            self._refuse(dial, answer)
            raise DialFailed(DialFailure.CONGESTED, "no common codec") from None
        establish(dial.dialog, answer)
        self._acknowledge(dial.transaction, dial.dialog, answer)
        line = self._stack.config.line_number
        call = SipCall(self._stack, dial.dialog, dial.flow, call_id=call_id, caller=target.user, line=line)
        call.picked_up(stream, terms)
        return call

    def _acknowledge(self, transaction: ClientTransaction, dialog: Dialog, answer: Response) -> None:
        flow = next_hop(dialog, transaction.flow)
        ack = self._stack.dialog_request(dialog, "ACK", flow)
        dialog.local_cseq -= 1  # an ACK has the number of its INVITE
        ack.headers.set_single("CSeq", f"{answer.cseq} ACK")
        for name in ("Authorization", "Proxy-Authorization"):
            credentials = transaction.message.headers.get_first(name)
            if credentials:
                ack.headers.set_single(name, credentials)
        transaction.acknowledge(ack, flow, answer.to_tag)

    def _first_invite(self, target: Target, flow: Flow, stream: RtpStream) -> tuple[SipRequest, Dialog]:
        stack = self._stack
        local_host = stack.local_host(flow.host)
        account = stack.config.trunk_username if target.is_trunk else ""
        dialog = Dialog(
            call_id=f"{new_id()}@{local_host}",
            local_tag=generate_tag(),
            local_uri=f"sip:{account or stack.config.line_number}@{target.domain if account else local_host}",
            remote_uri=target.uri,
            local_cseq=1,
        )
        parties = Parties(dialog.call_id, dialog.local_uri, dialog.local_tag, dialog.remote_uri)
        invite = stack.new_request("INVITE", target.uri, flow, parties, 1)
        invite.headers.set_single("Contact", stack.contact(flow, stack.config.line_number))
        invite.headers.set_single("Content-Type", "application/sdp")
        invite.text = media_terms.offer_sdp(host=local_host, port=stream.port)
        return invite, dialog


def _of_dead_host(target: Target) -> DialFailure:
    """A silent trunk says nothing about the citizen; a silent phone does."""
    return DialFailure.CONGESTED if target.is_trunk else DialFailure.UNREACHABLE


async def _first_of(transaction: ClientTransaction) -> None:
    """Wait for any sign of life from the other side, or for the transaction's own end."""
    progressed = asyncio.ensure_future(transaction.progressed.wait())
    try:
        await asyncio.wait((transaction.final, progressed), return_when=asyncio.FIRST_COMPLETED)
    finally:
        progressed.cancel()


def _cancel_of(invite: SipRequest) -> SipRequest:
    """Same branch, route and numbers as the INVITE (RFC 3261 §9.1)."""
    cancel = SipRequest(method="CANCEL", uri=invite.uri)
    cancel.headers.append("Via", invite.headers.get("via")[0])
    for name in ("From", "To", "Call-ID"):
        cancel.headers.set_single(name, invite.headers.get_first(name) or "")
    number = (invite.headers.get_first("cseq") or "1").split()[0]
    cancel.headers.set_single("CSeq", f"{number} CANCEL")
    cancel.headers.set_single("Max-Forwards", "70")
    return cancel
