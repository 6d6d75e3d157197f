"""Reading SIP: what is usable, what is not, and where the answer goes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.adapters.embedded_sip.messages import (
    Flow,
    MalformedSip,
    NotSip,
    Request,
    Response,
    answer_to,
    read_message,
    stateless_tag,
)
from tests.contracts.raw_peer import invite

SOURCE = Flow("UDP", "192.0.2.7", 40000)


def read_request(data: bytes, source: Flow = SOURCE) -> Request:
    message = read_message(data, source)
    assert isinstance(message, Request)
    return message


def test_a_good_invite_is_identified() -> None:
    request = read_request(invite(40000, call_id="abc"))
    assert (request.method, request.branch, request.call_id, request.from_tag, request.to_tag, request.cseq) == (
        "INVITE", "z9hG4bKabc", "abc", "fabc", "", 1,
    )  # fmt: skip


def test_the_answer_goes_back_where_the_request_came_from_when_it_asks_for_rport() -> None:
    request = read_request(invite(5060))
    assert request.flow == SOURCE
    via = request.message.via[0]
    assert (via.received, via.rport) == ("192.0.2.7", "40000")


def test_without_rport_the_answer_goes_to_the_port_that_the_via_names() -> None:
    request = read_request(invite(6000).replace(b";rport", b""))
    assert request.flow == Flow("UDP", "192.0.2.7", 6000)


@pytest.mark.parametrize("data", [b"", b"\x00\x01\x02", b"GET / HTTP/1.1\r\n\r\n", b"hello"])
def test_what_is_no_sip_is_said_to_be_none(data: bytes) -> None:
    with pytest.raises(NotSip):
        read_message(data, SOURCE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"Call-ID: ", b"X-Call-ID: "),
        (b"CSeq: 1 INVITE", b"CSeq: one INVITE"),
        (b"CSeq: 1 INVITE", b"CSeq: 1 BYE"),
        (b"Via: ", b"Viaa: "),
        (b"From: ", b"Frm: "),
    ],
)
def test_an_invite_without_what_is_needed_is_malformed(old: bytes, new: bytes) -> None:
    with pytest.raises(MalformedSip):
        read_message(invite(5060).replace(old, new), SOURCE)


def test_a_cut_off_body_is_malformed_and_bytes_after_it_are_dropped() -> None:
    whole = invite(5060)
    with pytest.raises(MalformedSip):
        read_message(whole[:-10], SOURCE)
    assert read_request(whole + b"trailing").message.body == whole.partition(b"\r\n\r\n")[2]


def test_an_answer_copies_record_route_and_adds_our_tag() -> None:
    request = read_request(invite(5060, extra="Record-Route: <sip:p1;lr>\r\nRecord-Route: <sip:p2;lr>\r\n"))
    response = answer_to(request, 200, to_tag="ours", sdp="v=0\r\n")
    assert response.headers.get("record-route") == ["<sip:p1;lr>", "<sip:p2;lr>"]
    again = read_message(bytes(response), SOURCE)
    assert isinstance(again, Response)
    assert (again.status, again.to_tag, again.branch) == (200, "ours", request.branch)


def test_the_same_request_gets_the_same_stateless_tag() -> None:
    data = invite(5060, call_id="same")
    assert stateless_tag(read_request(data)) == stateless_tag(read_request(data))


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused_by_name(data: bytes) -> None:
    for candidate in (data, b"INVITE sip:a SIP/2.0\r\n" + data, b"SIP/2.0 200 OK\r\n" + data):
        try:
            read_message(candidate, SOURCE)
        except (NotSip, MalformedSip):
            continue
