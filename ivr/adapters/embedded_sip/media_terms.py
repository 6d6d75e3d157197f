"""What two sides agree on about sound: SDP offers and answers (RFC 3264) for G.711 and telephone-event."""

from dataclasses import dataclass

from aiosipua.sdp import (
    MediaDescription,
    SdpMessage,
    SdpNegotiationError,
    build_sdp,
    negotiate_sdp,
    parse_sdp,
    serialize_sdp,
)

from ivr.adapters.embedded_sip.peers import is_address
from ivr.ports import SoundEncoding

ENCODINGS = {8: SoundEncoding.ALAW, 0: SoundEncoding.ULAW}
OUR_DIGITS_PAYLOAD = 101


class NoCommonMedia(Exception):
    """No SDP, or nothing in it that we can carry: answered by 488."""


@dataclass(frozen=True, slots=True)
class MediaTerms:
    """The other side's half of the agreement."""

    host: str
    port: int
    payload_type: int
    digits_out: int | None
    """Payload type for key presses that we send; None: the other side does not take them."""
    digits_in: frozenset[int]
    is_held: bool
    """The other side put us on hold: it does not want our sound."""
    direction: str
    """What we say in return."""

    @property
    def encoding(self) -> SoundEncoding:
        return ENCODINGS[self.payload_type]


@dataclass(frozen=True, slots=True)
class Offer:
    sdp: SdpMessage
    terms: MediaTerms


def read_offer(text: str, signalling_host: str) -> Offer:
    """Terms we can accept an offer on; raises NoCommonMedia."""
    sdp, audio = _parsed(text)
    if audio.port == 0 or audio.proto != "RTP/AVP":
        raise NoCommonMedia(audio.proto)
    return Offer(sdp, _terms(sdp, audio, signalling_host))


def read_answer(text: str, signalling_host: str) -> MediaTerms:
    """Terms of an answer to `offer_sdp`; raises NoCommonMedia."""
    sdp, audio = _parsed(text)
    if audio.port == 0:
        raise NoCommonMedia("refused")
    return _terms(sdp, audio, signalling_host)


def answer_sdp(offer: Offer, *, host: str, port: int, version: int) -> str:
    try:
        answer, _ = negotiate_sdp(
            offer.sdp,
            host,
            port,
            supported_codecs=list(ENCODINGS),
            dtmf_payload_type=offer.terms.digits_out or 0,
            session_id=str(port),
        )
    except SdpNegotiationError as error:
        raise NoCommonMedia(str(error)) from error
    answer.origin.session_version = str(version)
    for media in answer.media:
        if media.port:
            media.attributes["ptime"] = ["20"]
    return serialize_sdp(answer)


def offer_sdp(*, host: str, port: int, version: int = 1) -> str:
    """Both G.711 laws, A-law first (the one of this country's networks), and key presses."""
    sdp = build_sdp(host, port, 8, "PCMA", dtmf_payload_type=OUR_DIGITS_PAYLOAD, session_id=str(port))
    sdp.origin.session_version = str(version)
    audio = sdp.media[0]
    audio.formats.insert(1, "0")
    audio.attributes["rtpmap"].insert(1, "0 PCMU/8000")
    return serialize_sdp(sdp)


def _parsed(text: str) -> tuple[SdpMessage, MediaDescription]:
    try:
        sdp = parse_sdp(text)
    except (ValueError, IndexError) as error:
        raise NoCommonMedia("unreadable SDP") from error
    if sdp.audio is None:
        raise NoCommonMedia("no audio")
    return sdp, sdp.audio


def _terms(sdp: SdpMessage, audio: MediaDescription, signalling_host: str) -> MediaTerms:
    chosen = next((codec.payload_type for codec in audio.codecs if codec.payload_type in ENCODINGS), None)
    if chosen is None:
        raise NoCommonMedia("no G.711")
    digits = next(
        (
            codec.payload_type
            for codec in audio.codecs
            if codec.encoding_name.lower() == "telephone-event" and codec.clock_rate == 8000
        ),
        None,
    )
    connection = audio.connection or sdp.connection
    host = connection.address if connection is not None else signalling_host
    is_held = audio.direction in ("sendonly", "inactive") or host == "0.0.0.0"  # noqa: S104 - hold of RFC 2543
    return MediaTerms(
        # a name in c= would need a look-up in the middle of a call: the signalling address is as good
        host=host if is_address(host) and host != "0.0.0.0" else signalling_host,  # noqa: S104
        port=audio.port,
        payload_type=chosen,
        digits_out=digits,
        digits_in=frozenset({OUR_DIGITS_PAYLOAD} | ({digits} if digits else set())),
        is_held=is_held,
        direction=audio.direction,
    )
