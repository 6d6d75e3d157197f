"""SIP messages on the way in (checked once, identified) and the answers to them. No sockets, no state."""

import re
from dataclasses import dataclass
from typing import Literal

from aiosipua.headers import Via, parse_via, stringify_via
from aiosipua.message import SipMessage, SipRequest, SipResponse, missing_required_headers

MAX_MESSAGE_BYTES = 16 * 1024
USER_AGENT = "hotline"
ALLOW = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE"
_LENGTH = re.compile(rb"^(?:content-length|l)[ \t]*:[ \t]*(\d{1,9})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)

REASONS = {
    100: "Trying",
    180: "Ringing",
    200: "OK",
    400: "Bad Request",
    405: "Method Not Allowed",
    415: "Unsupported Media Type",
    420: "Bad Extension",
    480: "Temporarily Unavailable",
    481: "Call/Transaction Does Not Exist",
    482: "Loop Detected",
    487: "Request Terminated",
    488: "Not Acceptable Here",
    500: "Server Internal Error",
    503: "Service Unavailable",
}


class NotSip(Exception):
    """Bytes that never were SIP."""


class MalformedSip(Exception):
    """SIP that is cut off or breaks the grammar where we need it."""


@dataclass(frozen=True, slots=True)
class Flow:
    """Where a message came from or goes to."""

    transport: Literal["UDP", "TCP"]
    host: str
    port: int

    @property
    def is_reliable(self) -> bool:
        return self.transport == "TCP"


@dataclass(frozen=True, slots=True)
class _Identity:
    """What transactions and dialogues are found by (RFC 3261 §8, §12, §17)."""

    flow: Flow
    """Requests: where the answer goes."""
    method: str
    branch: str
    sent_by: str
    call_id: str
    from_tag: str
    to_tag: str
    cseq: int


@dataclass(frozen=True, slots=True)
class Request(_Identity):
    message: SipRequest


@dataclass(frozen=True, slots=True)
class Response(_Identity):
    message: SipResponse

    @property
    def status(self) -> int:
        return self.message.status_code


def declared_length(header: bytes) -> int | None:
    found = _LENGTH.search(header)
    return int(found.group(1)) if found else None


def read_message(data: bytes, source: Flow) -> Request | Response:
    """Parse and check one whole message; raises NotSip or MalformedSip."""
    if b"SIP/2.0" not in data.partition(b"\n")[0]:
        raise NotSip
    header, _, body = data.partition(b"\r\n\r\n")
    length = declared_length(header)
    if length is not None and length > len(body):
        raise MalformedSip("body cut off")
    if length is not None:
        data = header + b"\r\n\r\n" + body[:length]
    try:
        message = SipMessage.parse(data)
        return _identified(message, source)
    except (ValueError, IndexError, KeyError, AttributeError) as error:
        raise MalformedSip(type(error).__name__) from error


def _identified(message: SipRequest | SipResponse, source: Flow) -> Request | Response:
    # SipResponse lacks the request's check, but the same headers are mandatory (RFC 3261 §8.2.6.2)
    missing = missing_required_headers(message)  # type: ignore[arg-type]
    cseq, from_address, to_address = message.cseq, message.from_addr, message.to_addr
    if missing or cseq is None or from_address is None or to_address is None or not cseq.method:
        raise MalformedSip("missing " + ", ".join(missing))
    via = parse_via(message.headers.get("via")[0])
    call_id = (message.call_id or "").strip()
    if not via.host or not call_id:
        raise MalformedSip("empty Via or Call-ID")
    if isinstance(message, SipRequest):
        if cseq.method != message.method:
            raise MalformedSip("CSeq names another method")
        flow = _answer_flow(message, via, source)
    else:
        if not 100 <= message.status_code <= 699:
            raise MalformedSip("status out of range")
        flow = source
    identity = (
        flow,
        cseq.method,
        via.branch or f"{call_id}|{cseq.seq}",  # RFC 2543 peers send none
        f"{via.host}:{via.port}",
        call_id,
        from_address.tag or "",
        to_address.tag or "",
        cseq.seq,
    )
    return Request(*identity, message) if isinstance(message, SipRequest) else Response(*identity, message)


def _answer_flow(request: SipRequest, via: Via, source: Flow) -> Flow:
    """Stamp the true source into the topmost Via and find where the answer goes (RFC 3261 §18.2, RFC 3581)."""
    wants_rport = "rport" in via.params
    if via.host != source.host or wants_rport:
        via.received = source.host
    if wants_rport:
        via.rport = str(source.port)
    rest = request.headers.get("via")[1:]
    request.headers.set_single("Via", stringify_via(via))
    for value in rest:
        request.headers.append("Via", value)
    if source.is_reliable or wants_rport:
        return source
    return Flow("UDP", source.host, via.port or 5060)


def answer_to(
    request: Request,
    status: int,
    *,
    to_tag: str = "",
    headers: dict[str, str] | None = None,
    sdp: str = "",
) -> SipResponse:
    """A response with everything that RFC 3261 §8.2.6 and §12.1.1 want copied, Record-Route included."""
    response = SipResponse(status_code=status, reason_phrase=REASONS.get(status, "Unknown"))
    asked = request.message.headers
    for name in ("Via", "Record-Route"):
        for value in asked.get(name):
            response.headers.append(name, value)
    to_value = asked.get_first("to") or ""
    if status > 100 and not request.to_tag and to_tag:
        to_value += f";tag={to_tag}"
    response.headers.set_single("From", asked.get_first("from") or "")
    response.headers.set_single("To", to_value)
    response.headers.set_single("Call-ID", request.call_id)
    response.headers.set_single("CSeq", f"{request.cseq} {request.method}")
    response.headers.set_single("Server", USER_AGENT)
    for name, value in (headers or {}).items():
        response.headers.set_single(name, value)
    if sdp:
        response.headers.set_single("Content-Type", "application/sdp")
        response.text = sdp
    return response


def stateless_tag(request: Request) -> str:
    """The same tag for every repetition of a request that we keep no state for (RFC 3261 §8.2.7)."""
    return f"s{abs(hash((request.branch, request.call_id))):x}"
