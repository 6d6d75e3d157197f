"""The pieces every call of a line shares: socket, transactions, peers, RTP ports, clock, recorder.

Also the one place where our own requests are put together and answered to digest challenges.
"""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

import structlog
from aiosipua.auth import SipDigestAuth, answer_challenge
from aiosipua.dialog import Dialog
from aiosipua.message import SipRequest
from aiosipua.utils import generate_branch

from ivr.adapters.counters import Count, Counters
from ivr.adapters.embedded_sip.config import EmbeddedSipConfig
from ivr.adapters.embedded_sip.dialog_routing import next_hop
from ivr.adapters.embedded_sip.messages import ALLOW, USER_AGENT, Flow, Request, Response, answer_to, stateless_tag
from ivr.adapters.embedded_sip.peers import PeerList, local_address_towards
from ivr.adapters.embedded_sip.rtp_stream import RtpPorts, RtpStream, open_stream
from ivr.adapters.embedded_sip.sip_socket import SipSocket
from ivr.adapters.embedded_sip.transactions import ClientTransaction, NoReply, Transactions
from ivr.adapters.frame_clock import FrameClock
from ivr.adapters.sound import SoundShelf
from ivr.adapters.wav_recorder import RecordingWriter

log = structlog.get_logger(__name__)

_MAX_CHALLENGES = 2  # the first, and one more when its nonce had gone stale


@dataclass(frozen=True, slots=True)
class Parties:
    """The fixed part of a dialogue's or registration's requests."""

    call_id: str
    local_uri: str
    local_tag: str
    remote_uri: str


class SipStack:
    """One per line. Holds no calls."""

    def __init__(self, config: EmbeddedSipConfig) -> None:
        self.config = config
        self.counters = Counters()
        self.peers = PeerList(config.allowed_peers)
        self.socket = SipSocket(self.peers, self.counters)
        self.transactions = Transactions(self.socket.send, self.counters, config.t1_s)
        self.clock = FrameClock(lambda: self.counters.add(Count.LATE_TICKS))
        self.shelf = SoundShelf()
        self.writer = RecordingWriter()
        self._ports = RtpPorts(config.host, config.rtp_port_min, config.rtp_port_max)
        self._local_hosts: dict[str, str] = {}
        self._background: set[asyncio.Task[Any]] = set()

    async def open(self) -> None:
        self.socket.on_unreachable = self.transactions.peer_unreachable
        await self.socket.open(self.config.host, self.config.port)

    async def close(self) -> None:
        for task in list(self._background):
            task.cancel()
        self.transactions.close()
        await self.socket.close()
        await asyncio.to_thread(self.writer.close)

    def spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run beside the caller; kept from being collected, cancelled at the close."""
        task = asyncio.get_running_loop().create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)
        return task

    async def settle(self) -> None:
        """Wait for background work (BYEs under way) as it stands now."""
        if self._background:
            await asyncio.wait(list(self._background))

    async def open_stream(self) -> RtpStream:
        return await open_stream(self.clock, self._ports, self.counters)

    # --- who we are ---

    def local_host(self, peer_host: str) -> str:
        """Our address as this peer should use it."""
        if self.config.advertised_host:
            return self.config.advertised_host
        if peer_host not in self._local_hosts:
            if len(self._local_hosts) > 4096:
                self._local_hosts.clear()
            self._local_hosts[peer_host] = local_address_towards(peer_host)
        return self._local_hosts[peer_host]

    def contact(self, flow: Flow, user: str) -> str:
        transport = ";transport=tcp" if flow.is_reliable else ""
        return f"<sip:{user}@{self.local_host(flow.host)}:{self.socket.port}{transport}>"

    # --- answers ---

    def answer_stateless(self, request: Request, status: int, headers: dict[str, str] | None = None) -> None:
        """Refuse or inform without remembering anything: floods cost no memory."""
        response = answer_to(request, status, to_tag=stateless_tag(request), headers=headers)
        self.socket.send(bytes(response), request.flow)

    # --- requests ---

    def new_request(self, method: str, uri: str, flow: Flow, parties: Parties, cseq: int) -> SipRequest:
        """A request outside any dialogue."""
        request = SipRequest(method=method, uri=uri)
        self._stamp_via(request, flow)
        request.headers.set_single("From", f"<{parties.local_uri}>;tag={parties.local_tag}")
        request.headers.set_single("To", f"<{parties.remote_uri}>")
        request.headers.set_single("Call-ID", parties.call_id)
        request.headers.set_single("CSeq", f"{cseq} {method}")
        request.headers.set_single("Max-Forwards", "70")
        self._sign(request)
        return request

    def dialog_request(self, dialog: Dialog, method: str, flow: Flow) -> SipRequest:
        """A request inside a dialogue: remote target, route set and the next CSeq come from it."""
        request = dialog.create_request(method)
        self._stamp_via(request, flow)
        self._sign(request)
        return request

    def _stamp_via(self, request: SipRequest, flow: Flow) -> None:
        sent_by = f"{self.local_host(flow.host)}:{self.socket.port}"
        request.headers.set_single("Via", f"SIP/2.0/{flow.transport} {sent_by};branch={generate_branch()};rport")

    @staticmethod
    def _sign(request: SipRequest) -> None:
        request.headers.set_single("User-Agent", USER_AGENT)
        request.headers.set_single("Allow", ALLOW)

    def _account(self) -> SipDigestAuth | None:
        if not self.config.trunk_username:
            return None
        return SipDigestAuth(self.config.trunk_username, self.config.trunk_password)

    def again_with_credentials(self, transaction: ClientTransaction, challenge: Response, tries: int) -> bool:
        """Turn a challenged request into its next try (new branch, CSeq + 1); False: nothing more to try."""
        account = self._account()
        if challenge.status not in (401, 407) or account is None or tries >= _MAX_CHALLENGES:
            return False
        request = transaction.message
        credentials = answer_challenge(account, challenge.message, challenge.status, request.method, request.uri)
        if credentials is None or (tries and "stale=true" not in _challenge_text(challenge)):
            return False
        request.headers.set_single(*credentials)
        request.headers.set_single("CSeq", f"{challenge.cseq + 1} {request.method}")
        self._stamp_via(request, transaction.flow)
        return True

    async def ask(self, request: SipRequest, flow: Flow, dialog: Dialog | None = None) -> Response:
        """Send a request other than INVITE and wait; answers a digest challenge. Raises NoReply."""
        tries = 0
        while True:
            transaction = self.transactions.request(request, flow)
            response = await transaction.final
            if not self.again_with_credentials(transaction, response, tries):
                return response
            tries += 1
            if dialog is not None:
                dialog.next_cseq()

    async def say_bye(self, dialog: Dialog, seen: Flow) -> None:
        """End a dialogue; the other side may be gone already."""
        flow = next_hop(dialog, seen)
        with self.peers.trusting(flow.host):
            try:
                await self.ask(self.dialog_request(dialog, "BYE", flow), flow, dialog)
            except NoReply as error:
                log.info("line.bye.unanswered", cause=error.cause)


def _challenge_text(challenge: Response) -> str:
    headers = challenge.message.headers
    text = (headers.get_first("www-authenticate") or "") + (headers.get_first("proxy-authenticate") or "")
    return text.lower().replace(" ", "").replace('"', "")
