"""Offers and answers: codecs, key presses, hold."""

import pytest
from aiosipua.sdp import parse_sdp

from ivr.adapters.embedded_sip.media_terms import NoCommonMedia, answer_sdp, offer_sdp, read_answer, read_offer
from ivr.ports import SoundEncoding


def sdp(audio: str = "m=audio 4000 RTP/AVP 8 101", *lines: str, address: str = "192.0.2.5") -> str:
    attributes = lines or ("a=rtpmap:101 telephone-event/8000",)
    head = f"v=0\r\no=- 1 1 IN IP4 {address}\r\ns=-\r\nc=IN IP4 {address}\r\nt=0 0\r\n"
    return head + "\r\n".join((audio, *attributes)) + "\r\n"


@pytest.mark.parametrize(
    ("audio", "encoding"),
    [
        ("m=audio 4000 RTP/AVP 8 0", SoundEncoding.ALAW),
        ("m=audio 4000 RTP/AVP 0 8", SoundEncoding.ULAW),
        ("m=audio 4000 RTP/AVP 18 9 8", SoundEncoding.ALAW),
    ],
)
def test_the_first_codec_of_the_offer_that_we_speak_is_taken(audio: str, encoding: SoundEncoding) -> None:
    offer = read_offer(sdp(audio), "192.0.2.5")
    assert offer.terms.encoding is encoding
    answer = parse_sdp(answer_sdp(offer, host="192.0.2.1", port=20000, version=1))
    assert answer.audio is not None
    assert answer.audio.formats[0] == str(offer.terms.payload_type)
    assert answer.rtp_address == ("192.0.2.1", 20000)


def test_keys_are_agreed_at_the_payload_type_offered() -> None:
    offer = read_offer(sdp("m=audio 4000 RTP/AVP 8 96", "a=rtpmap:96 telephone-event/8000"), "192.0.2.5")
    assert (offer.terms.digits_out, 96 in offer.terms.digits_in) == (96, True)
    assert "a=rtpmap:96 telephone-event/8000" in answer_sdp(offer, host="192.0.2.1", port=20000, version=1)


def test_key_presses_of_another_clock_are_not_taken_for_ours() -> None:
    lines = ("a=rtpmap:97 telephone-event/48000", "a=rtpmap:98 telephone-event/8000")
    assert read_offer(sdp("m=audio 4000 RTP/AVP 8 97 98", *lines), "192.0.2.5").terms.digits_out == 98


@pytest.mark.parametrize(
    "text",
    [
        "",
        "garbage",
        sdp("m=audio 0 RTP/AVP 8"),
        sdp("m=audio 4000 RTP/SAVP 8"),
        sdp("m=audio 4000 RTP/AVP 18"),
        sdp("m=video 4000 RTP/AVP 96"),
        sdp("m=audio many RTP/AVP 8"),
        sdp("m=audio 4000 RTP/AVP 8", "a=rtpmap:x PCMA/8000"),
    ],
)
def test_an_offer_without_anything_in_common_is_refused(text: str) -> None:
    with pytest.raises(NoCommonMedia):
        read_offer(text, "192.0.2.5")


@pytest.mark.parametrize(
    ("direction", "is_held", "answered"),
    [
        ("sendrecv", False, "sendrecv"),
        ("recvonly", False, "sendonly"),
        ("sendonly", True, "recvonly"),
        ("inactive", True, "inactive"),
    ],
)
def test_hold_is_seen_and_answered(direction: str, is_held: bool, answered: str) -> None:
    offer = read_offer(sdp("m=audio 4000 RTP/AVP 8", f"a={direction}"), "192.0.2.5")
    assert offer.terms.is_held is is_held
    assert f"a={answered}\r\n" in answer_sdp(offer, host="192.0.2.1", port=20000, version=2)


def test_hold_in_the_old_way_is_hold() -> None:
    terms = read_offer(sdp(address="0.0.0.0"), "192.0.2.5").terms  # noqa: S104 - RFC 2543
    assert (terms.is_held, terms.host) == (True, "192.0.2.5")


def test_a_name_instead_of_an_address_is_not_looked_up() -> None:
    assert read_offer(sdp(address="phone.example"), "192.0.2.5").terms.host == "192.0.2.5"


def test_every_media_line_of_the_offer_is_answered() -> None:
    text = sdp() + "m=video 5000 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
    answer = parse_sdp(answer_sdp(read_offer(text, "192.0.2.5"), host="192.0.2.1", port=20000, version=1))
    assert [(media.media, media.port) for media in answer.media] == [("audio", 20000), ("video", 0)]


def test_our_own_offer_names_both_laws_and_keys() -> None:
    offer = parse_sdp(offer_sdp(host="192.0.2.1", port=20000))
    assert offer.audio is not None
    assert offer.audio.formats == ["8", "0", "101"]


def test_the_answer_to_our_offer_decides_the_codec() -> None:
    assert read_answer(sdp("m=audio 4000 RTP/AVP 0"), "192.0.2.5").encoding is SoundEncoding.ULAW
    with pytest.raises(NoCommonMedia):
        read_answer(sdp("m=audio 0 RTP/AVP 0"), "192.0.2.5")
