"""SIP transactions (RFC 3261 §17, RFC 6026): repeat what may be lost, absorb what comes twice.

aiosipua has none of its own: no ACK to refusals, no retransmission, a repeated INVITE makes a second call.
"""

import asyncio
from collections.abc import Callable

from aiosipua.message import SipRequest, SipResponse

from ivr.adapters.counters import Count, Counters
from ivr.adapters.embedded_sip.messages import Flow, Request, Response

T2_OVER_T1 = 8
LIFETIME_OVER_T1 = 64

Send = Callable[[bytes, Flow], None]


class NoReply(Exception):
    """A request got no final response: time ran out, or the network said the peer is not there."""

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.cause = cause


class _Repeater:
    """Sends the same bytes again after growing pauses until stopped."""

    def __init__(self, send: Callable[[], None], first_s: float, cap_s: float) -> None:
        self._send = send
        self._pause_s = first_s
        self._cap_s = cap_s
        self._timer: asyncio.TimerHandle | None = None
        self._arm()

    def _arm(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self._pause_s, self._again)

    def _again(self) -> None:
        self._send()
        self._pause_s = min(self._pause_s * 2, self._cap_s)
        self._arm()

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class ClientTransaction:
    """One request of ours. `final` resolves to the response >= 200 or raises NoReply."""

    def __init__(self, layer: "Transactions", message: SipRequest, flow: Flow, branch: str) -> None:
        self._layer = layer
        self.message = message
        self.flow = flow
        self.key = (branch, message.method)
        self.is_invite = message.method == "INVITE"
        self.progressed = asyncio.Event()
        self.is_ringing = False
        self.final: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
        self.on_other_answer: Callable[[Response], None] | None = None
        """A 2xx that nobody acknowledged: from a second phone (fork), or after we gave up."""
        self._ack: tuple[bytes, Flow, str] | None = None
        self._data = bytes(message)
        self._repeater: _Repeater | None = None
        self._deadline: asyncio.TimerHandle | None = None

    def start(self) -> None:
        loop = asyncio.get_running_loop()
        t1 = self._layer.t1_s
        if not self.flow.is_reliable:
            cap = LIFETIME_OVER_T1 * t1 if self.is_invite else T2_OVER_T1 * t1
            self._repeater = _Repeater(self._send, t1, cap)
        self._deadline = loop.call_later(LIFETIME_OVER_T1 * t1, self.fail, "timeout")
        self._send()

    def _send(self) -> None:
        self._layer.send(self._data, self.flow)

    def acknowledge(self, ack: SipRequest, flow: Flow, to_tag: str) -> None:
        """Send the ACK of a 2xx now and again whenever that 2xx is repeated."""
        self._ack = (bytes(ack), flow, to_tag)
        self._layer.send(self._ack[0], flow)

    def take(self, response: Response) -> None:
        if response.status < 200:
            self.progressed.set()
            self.is_ringing = self.is_ringing or response.status in (180, 183)
            if self.is_invite:
                self._stop_timers()
            return
        self._stop_timers()
        if self.is_invite:
            self._take_invite_final(response)
        if not self.final.done():
            self.final.set_result(response)
            linger_s = LIFETIME_OVER_T1 * self._layer.t1_s if self.is_invite else 0.0
            self._deadline = asyncio.get_running_loop().call_later(linger_s, self._layer.forget_client, self)

    def _take_invite_final(self, response: Response) -> None:
        if response.status >= 300:
            self._layer.send(bytes(_ack_of_refusal(self.message, response)), self.flow)
        elif self._ack is not None and self._ack[2] == response.to_tag:
            self._layer.send(self._ack[0], self._ack[1])
        elif self.final.done() and self.on_other_answer is not None:
            self.on_other_answer(response)

    def fail(self, cause: str) -> None:
        """Give up waiting; does nothing once a final response came."""
        if self.final.done():
            return
        self._stop_timers()
        self._layer.forget_client(self)
        self.final.set_exception(NoReply(cause))
        self.final.exception()  # a request that nobody waits for must not complain at garbage collection

    def _stop_timers(self) -> None:
        if self._repeater is not None:
            self._repeater.stop()
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def close(self) -> None:
        self._stop_timers()


class ServerTransaction:
    """One request of a peer; remembers our last response and repeats it when the request is repeated."""

    def __init__(self, layer: "Transactions", request: Request) -> None:
        self._layer = layer
        self.request = request
        self.key = _server_key(request)
        self.status = 0
        self.on_no_ack: Callable[[], None] | None = None
        self.on_cancel: Callable[[], None] | None = None
        self._last: bytes | None = None
        self._repeater: _Repeater | None = None
        self._deadline: asyncio.TimerHandle | None = None

    def respond(self, response: SipResponse) -> None:
        """Send a response; the first final one counts, later ones are ignored."""
        if self.status >= 200:
            return
        self.status = response.status_code
        self._last = bytes(response)
        self.repeat()
        if self.status >= 200:
            self._after_final()

    def _after_final(self) -> None:
        t1 = self._layer.t1_s
        if self.request.method == "INVITE":
            # a 2xx is repeated on TCP as well: it is confirmed end to end (RFC 3261 §13.3.1.4)
            if self.status < 300 or not self.request.flow.is_reliable:
                self._repeater = _Repeater(self.repeat, t1, T2_OVER_T1 * t1)
            self._arm(LIFETIME_OVER_T1 * t1, self._ack_missing)
        elif self.request.flow.is_reliable:
            self._layer.forget_server(self)
        else:
            self._arm(LIFETIME_OVER_T1 * t1, self._expired)

    def repeat(self) -> None:
        if self._last is not None:
            self._layer.send(self._last, self.request.flow)

    def confirmed(self) -> None:
        """The ACK came: no more repeating, but a late copy of the INVITE is still absorbed."""
        self.on_no_ack = None
        if self._repeater is not None:
            self._repeater.stop()
        self._arm(T2_OVER_T1 * self._layer.t1_s, self._expired)

    def _ack_missing(self) -> None:
        handler = self.on_no_ack
        self._expired()
        if handler is not None:
            handler()

    def _expired(self) -> None:
        self._layer.forget_server(self)

    def _arm(self, seconds: float, then: Callable[[], None]) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = asyncio.get_running_loop().call_later(seconds, then)

    def close(self) -> None:
        if self._repeater is not None:
            self._repeater.stop()
        if self._deadline is not None:
            self._deadline.cancel()


class Transactions:
    """All transactions of one SIP socket."""

    def __init__(self, send: Send, counters: Counters, t1_s: float) -> None:
        self.send = send
        self.t1_s = t1_s
        self._counters = counters
        self._clients: dict[tuple[str, str], ClientTransaction] = {}
        self._servers: dict[tuple[str, str, str], ServerTransaction] = {}

    def request(self, message: SipRequest, flow: Flow) -> ClientTransaction:
        branch = message.via[0].branch or ""
        transaction = ClientTransaction(self, message, flow, branch)
        self._clients[transaction.key] = transaction
        transaction.start()
        return transaction

    def take_response(self, response: Response) -> None:
        transaction = self._clients.get((response.branch, response.method))
        if transaction is None:
            self._counters.odd(Count.STRAY_MESSAGES, method=response.method, status=response.status)
        else:
            transaction.take(response)

    def peer_unreachable(self, flow: Flow) -> None:
        for transaction in list(self._clients.values()):
            if transaction.flow == flow and not transaction.progressed.is_set():
                transaction.fail("unreachable")

    def drop_unanswered_invites(self) -> None:
        """Stop waiting for a first sign of life: the line closes."""
        for transaction in list(self._clients.values()):
            if transaction.is_invite and not transaction.progressed.is_set():
                transaction.fail("closed")

    def absorbs(self, request: Request) -> bool:
        """True when the request is a repetition (answered again here) or the ACK of a refusal."""
        if request.method == "ACK":
            invite = self._servers.get((request.branch, request.sent_by, "INVITE"))
            if invite is None or invite.status < 300:
                return False
            invite.confirmed()
            return True
        known = self._servers.get(_server_key(request))
        if known is None:
            return False
        self._counters.add(Count.REPEATED_REQUESTS)
        known.repeat()
        return True

    def open_server(self, request: Request) -> ServerTransaction:
        transaction = ServerTransaction(self, request)
        self._servers[transaction.key] = transaction
        return transaction

    def invite_of_cancel(self, cancel: Request) -> ServerTransaction | None:
        """A CANCEL names its INVITE by the same branch (RFC 3261 §9.2)."""
        return self._servers.get((cancel.branch, cancel.sent_by, "INVITE"))

    def forget_client(self, transaction: ClientTransaction) -> None:
        transaction.close()
        self._clients.pop(transaction.key, None)

    def forget_server(self, transaction: ServerTransaction) -> None:
        transaction.close()
        self._servers.pop(transaction.key, None)

    def close(self) -> None:
        for client in list(self._clients.values()):
            client.fail("closed")
            self.forget_client(client)
        for server in list(self._servers.values()):
            self.forget_server(server)

    def __len__(self) -> int:
        return len(self._clients) + len(self._servers)


def _server_key(request: Request) -> tuple[str, str, str]:
    return (request.branch, request.sent_by, request.method)


def _ack_of_refusal(invite: SipRequest, refusal: Response) -> SipRequest:
    """The ACK of a 3xx-6xx belongs to the INVITE's transaction: same branch and route (RFC 3261 §17.1.1.3)."""
    ack = SipRequest(method="ACK", uri=invite.uri)
    ack.headers.append("Via", invite.headers.get("via")[0])
    for route in invite.headers.get("route"):
        ack.headers.append("Route", route)
    ack.headers.set_single("From", invite.headers.get_first("from") or "")
    ack.headers.set_single("To", refusal.message.headers.get_first("to") or "")
    ack.headers.set_single("Call-ID", invite.call_id or "")
    ack.headers.set_single("CSeq", f"{refusal.cseq} ACK")
    ack.headers.set_single("Max-Forwards", "70")
    return ack
