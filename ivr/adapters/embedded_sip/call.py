"""One live SIP call: its dialogue, its media, its end. Implements ivr.ports.CallControl."""

from collections.abc import Callable

import structlog
from aiosipua.dialog import Dialog, dialog_matches, remote_cseq_valid
from aiosipua.headers import parse_address, stringify_uri
from aiosipua.message import SipResponse

from ivr.adapters.audio_call import AudioCall
from ivr.adapters.call_audio import CallAudio
from ivr.adapters.counters import Count
from ivr.adapters.embedded_sip import media_terms
from ivr.adapters.embedded_sip.info_digits import digit_of_info
from ivr.adapters.embedded_sip.media_terms import MediaTerms, NoCommonMedia, Offer
from ivr.adapters.embedded_sip.messages import ALLOW, Flow, Request, answer_to
from ivr.adapters.embedded_sip.rtp_stream import NoFreePort, RtpStream
from ivr.adapters.embedded_sip.stack import SipStack
from ivr.adapters.embedded_sip.transactions import ServerTransaction
from ivr.domain.errors import CallerHungUp

log = structlog.get_logger(__name__)


class SipCall(AudioCall):
    """Inbound: made ringing, `answer` picks up. Outbound: made by the dialler, already up.

    `end_cause` becomes one of: `bye`, `cancel` (the other side), `local_bye` (ours), `stopped` (the line
    closes), `dead_media`, `timeout_no_ack`, `transport_no_port`.
    """

    def __init__(self, stack: SipStack, dialog: Dialog, flow: Flow, *, call_id: str, caller: str, line: str) -> None:
        super().__init__(call_id=call_id, caller=caller, line=line)
        self.dialog = dialog
        self.on_ended: Callable[[SipCall], None] = lambda call: None
        self._stack = stack
        self._flow = flow
        self._stream: RtpStream | None = None
        self._sdp_version = 0
        self._invite: ServerTransaction | None = None  # the first one of an inbound call
        self._unacked: ServerTransaction | None = None  # the INVITE whose 2xx awaits its ACK
        self._offer: Offer | None = None
        self._is_answering = False
        self.is_confirmed = False
        """The ACK came, or went."""
        self._owes_bye = False  # ended by us before the ACK: BYE may only follow it (RFC 3261 §15)

    @classmethod
    def ringing(
        cls, stack: SipStack, invite: ServerTransaction, offer: Offer, dialog: Dialog, call_id: str
    ) -> "SipCall":
        """An inbound call; 100 and 180 leave at once."""
        request = invite.request
        call = cls(stack, dialog, request.flow, call_id=call_id, caller=caller_of(request), line=line_of(request))
        call._invite, call._offer = invite, offer
        invite.on_cancel = call.take_cancel
        invite.respond(call._response(request, 100))
        invite.respond(call._response(request, 180))
        return call

    def picked_up(self, stream: RtpStream, terms: MediaTerms) -> None:
        """An outbound call: the other side answered and our ACK left."""
        self.is_confirmed = True
        self._sdp_version = 1
        self._start_media(stream, terms)

    # --- CallControl ---

    async def answer(self) -> None:
        self._must_live()
        if self._invite is None or self._offer is None or self._is_answering:
            return
        self._is_answering = True
        try:
            stream = await self._stack.open_stream()
        except NoFreePort:
            self._invite.respond(self._response(self._invite.request, 500))
            self._end("transport_no_port")
            raise CallerHungUp from None
        if self._end_cause is not None:  # cancelled meanwhile
            stream.close()
            raise CallerHungUp
        sdp = self._answer_sdp(self._offer, stream)
        self.dialog.confirm()
        self._start_media(stream, self._offer.terms)
        self._accept(self._invite, sdp)

    async def hang_up(self) -> None:
        self.leave("local_bye")

    # --- beyond the port ---

    @property
    def stream(self) -> RtpStream:
        if self._stream is None:
            raise self._why_not_up()
        return self._stream

    def leave(self, cause: str) -> None:
        """End the call from our side; does nothing on one that is over."""
        if self._end_cause is not None:
            return
        if self._invite is not None and not self.is_answered:
            self._invite.respond(self._response(self._invite.request, 480))
        elif self.is_confirmed:
            self._send_bye()
        else:
            self._owes_bye = True
        self._end(cause)

    def is_dead(self, now: float) -> bool:
        """Nothing was heard for too long, and not because of hold."""
        stream = self._stream
        limit_s = self._stack.config.dead_media_s
        return stream is not None and not stream.is_held and now - stream.last_heard_at > limit_s

    # --- from the network; found by Call-ID and our tag ---

    def take_ack(self, ack: Request) -> None:
        if not dialog_matches(self.dialog, ack.message):
            return
        self._acked()
        self.is_confirmed = True
        if self._owes_bye:
            self._owes_bye = False
            self._send_bye()
        elif self._stream is not None and ack.message.body:
            self._take_late_answer(ack, self._stream)

    def take_cancel(self) -> None:
        """Before the answer: 487. After it the caller's CANCEL crossed our 200: he is gone all the same."""
        if self._invite is None or self._end_cause is not None or self.is_confirmed:
            return
        if self.is_answered:
            self._owes_bye = True
        else:
            self._invite.respond(self._response(self._invite.request, 487))
        self._end("cancel")

    def take_request(self, transaction: ServerTransaction) -> None:
        """BYE, INFO, re-INVITE or UPDATE."""
        request = transaction.request
        if not dialog_matches(self.dialog, request.message):
            transaction.respond(self._response(request, 481))
        elif not remote_cseq_valid(self.dialog, request.message):
            transaction.respond(self._response(request, 500))
        elif request.method == "BYE":
            transaction.respond(self._response(request, 200))
            self._owes_bye = False
            self._acked()
            self._end("bye")
        elif self._end_cause is not None:
            transaction.respond(self._response(request, 481))
        elif request.method == "INFO":
            self._take_info(transaction)
        else:
            self._take_new_terms(transaction)

    def _take_info(self, transaction: ServerTransaction) -> None:
        message = transaction.request.message
        digit = digit_of_info(message.content_type or "", message.text)
        if digit is None and message.body:
            transaction.respond(self._response(transaction.request, 415))
            return
        transaction.respond(self._response(transaction.request, 200))
        if digit is not None and self._audio is not None:
            self._audio.digit_pressed(digit)

    def _take_new_terms(self, transaction: ServerTransaction) -> None:
        """re-INVITE or UPDATE: hold, resume, moved media, or only a refresh."""
        request, stream = transaction.request, self._stream
        if stream is None:
            transaction.respond(self._response(request, 500))
            return
        if request.message.contact:
            self.dialog.remote_target = _uri(request.message.headers.get_first("contact") or "")
        if not request.message.body:
            self._accept(transaction, self._own_sdp(request, stream))
            return
        try:
            offer = media_terms.read_offer(request.message.text, self._flow.host)
            sdp = self._answer_sdp(offer, stream)
        except NoCommonMedia:
            transaction.respond(self._response(request, 488))
            return
        stream.agree(offer.terms, self._flow.host)
        log.info("line.call.renegotiated", call_id=self.call_id, is_held=offer.terms.is_held)
        self._accept(transaction, sdp)

    def _own_sdp(self, request: Request, stream: RtpStream) -> str:
        """A re-INVITE without SDP asks for our offer; its ACK brings the answer."""
        if request.method != "INVITE":
            return ""
        self._sdp_version += 1
        return media_terms.offer_sdp(
            host=self._stack.local_host(self._flow.host), port=stream.port, version=self._sdp_version
        )

    def _take_late_answer(self, ack: Request, stream: RtpStream) -> None:
        try:
            stream.agree(media_terms.read_answer(ack.message.text, self._flow.host), self._flow.host)
        except NoCommonMedia:
            self.leave("local_bye")

    # --- parts ---

    def _accept(self, transaction: ServerTransaction, sdp: str) -> None:
        """200; that of an INVITE is repeated until its ACK comes."""
        if transaction.request.method == "INVITE":
            self._acked()
            self._unacked = transaction
            transaction.on_no_ack = self._ack_missing
        transaction.respond(self._response(transaction.request, 200, sdp))

    def _acked(self) -> None:
        if self._unacked is not None:
            self._unacked.confirmed()
            self._unacked = None

    def _start_media(self, stream: RtpStream, terms: MediaTerms) -> None:
        self._stream = stream
        self._audio = CallAudio(stream, self._stack.shelf, self._stack.writer)
        stream.agree(terms, self._flow.host)

    def _answer_sdp(self, offer: Offer, stream: RtpStream) -> str:
        self._sdp_version += 1
        return media_terms.answer_sdp(
            offer, host=self._stack.local_host(self._flow.host), port=stream.port, version=self._sdp_version
        )

    def _response(self, request: Request, status: int, sdp: str = "") -> SipResponse:
        headers = {"Allow": ALLOW}
        if request.method in ("INVITE", "UPDATE") and 100 < status < 300:
            headers["Contact"] = self._stack.contact(self._flow, self.line if self._invite else "")
        return answer_to(request, status, to_tag=self.dialog.local_tag, headers=headers, sdp=sdp)

    def _ack_missing(self) -> None:
        self._stack.counters.odd(Count.NO_ACK)
        self._owes_bye = False
        self._send_bye()
        self._end("timeout_no_ack")

    def _send_bye(self) -> None:
        self.dialog.terminate()
        self._stack.spawn(self._stack.say_bye(self.dialog, self._flow))

    def _end(self, cause: str) -> None:
        if self._end_cause is not None:
            return
        self._end_cause = cause
        if self._audio is not None:
            self._audio.end()
        if self._stream is not None:
            self._stream.close()
        log.info("line.call.ended", call_id=self.call_id, cause=cause)
        self.on_ended(self)

    @property
    def is_settled(self) -> bool:
        """Over, and no ACK is awaited any more: the dialogue may be forgotten."""
        return self._end_cause is not None and not self._owes_bye


def caller_of(request: Request) -> str:
    """The calling number: what the network asserts (RFC 3325) before what the phone claims."""
    for name in ("p-asserted-identity", "from"):
        value = request.message.headers.get_first(name)
        if value:
            user = _user(value)
            if user:
                return user
    return "anonymous"


def line_of(request: Request) -> str:
    return _user(request.message.uri) or _user(request.message.headers.get_first("to") or "")


def _user(address: str) -> str:
    return parse_address(address).uri.user or ""


def _uri(address: str) -> str:
    return stringify_uri(parse_address(address).uri)
