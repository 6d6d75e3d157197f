"""The transaction layer alone: what is repeated, what is absorbed, what is acknowledged."""

import asyncio

import pytest
from aiosipua.message import SipMessage, SipRequest, SipResponse

from ivr.adapters.counters import Count, Counters
from ivr.adapters.embedded_sip.messages import Flow, Request, Response, answer_to, read_message
from ivr.adapters.embedded_sip.transactions import ClientTransaction, NoReply, Transactions
from tests.contracts.eventually import eventually

PEER = Flow("UDP", "192.0.2.9", 5060)
TCP_PEER = Flow("TCP", "192.0.2.9", 5060)
T1_S = 0.01


class Wire:
    """Everything that was sent."""

    def __init__(self) -> None:
        self.sent: list[SipRequest | SipResponse] = []
        self.counters = Counters()
        self.layer = Transactions(lambda data, flow: self.sent.append(SipMessage.parse(data)), self.counters, T1_S)

    def methods(self) -> list[str]:
        return [message.method for message in self.sent if isinstance(message, SipRequest)]

    def statuses(self) -> list[int]:
        return [message.status_code for message in self.sent if isinstance(message, SipResponse)]


@pytest.fixture
def wire() -> Wire:
    return Wire()


def request(method: str, *, branch: str = "z9hG4bK1", cseq: int = 1, flow: Flow = PEER) -> Request:
    text = (
        f"{method} sip:a@b SIP/2.0\r\nVia: SIP/2.0/{flow.transport} 192.0.2.9:5060;branch={branch};rport\r\n"
        f"From: <sip:c@d>;tag=x\r\nTo: <sip:a@b>\r\nCall-ID: id1\r\nCSeq: {cseq} {method}\r\nContent-Length: 0\r\n\r\n"
    )
    message = read_message(text.encode(), flow)
    assert isinstance(message, Request)
    return message


def response_to(transaction: ClientTransaction, status: int, to_tag: str = "far") -> Response:
    asked = read_message(bytes(transaction.message), PEER)
    assert isinstance(asked, Request)
    message = read_message(bytes(answer_to(asked, status, to_tag=to_tag)), PEER)
    assert isinstance(message, Response)
    return message


async def test_a_request_is_repeated_until_it_is_answered(wire: Wire) -> None:
    sent = wire.layer.request(request("BYE").message, PEER)
    await eventually(lambda: len(wire.sent) >= 3)
    wire.layer.take_response(response_to(sent, 200))
    so_far = len(wire.sent)
    assert (await sent.final).status == 200
    await asyncio.sleep(4 * T1_S)
    assert len(wire.sent) == so_far


async def test_an_invite_that_rings_is_no_longer_repeated(wire: Wire) -> None:
    sent = wire.layer.request(request("INVITE").message, PEER)
    wire.layer.take_response(response_to(sent, 180))
    await asyncio.sleep(4 * T1_S)
    assert wire.methods() == ["INVITE"]
    assert sent.is_ringing


async def test_nothing_is_repeated_over_tcp(wire: Wire) -> None:
    wire.layer.request(request("BYE", flow=TCP_PEER).message, TCP_PEER)
    await asyncio.sleep(4 * T1_S)
    assert wire.methods() == ["BYE"]


async def test_a_request_that_nobody_answers_fails_after_64_t1(wire: Wire) -> None:
    sent = wire.layer.request(request("BYE").message, PEER)
    with pytest.raises(NoReply, match="timeout"):
        await asyncio.wait_for(sent.final, 80 * T1_S + 1)
    assert len(wire.layer) == 0


async def test_a_refused_invite_is_acknowledged_and_so_is_each_repetition(wire: Wire) -> None:
    sent = wire.layer.request(request("INVITE").message, PEER)
    refusal = response_to(sent, 486)
    for _ in range(3):
        wire.layer.take_response(refusal)
    assert wire.methods() == ["INVITE", "ACK", "ACK", "ACK"]
    ack = wire.sent[1]
    assert ack.via[0].branch == sent.message.via[0].branch
    assert ack.to_addr is not None
    assert ack.to_addr.tag == "far"
    assert (await sent.final).status == 486


async def test_a_repeated_pick_up_is_acknowledged_again_with_the_same_ack(wire: Wire) -> None:
    sent = wire.layer.request(request("INVITE").message, PEER)
    picked_up = response_to(sent, 200)
    wire.layer.take_response(picked_up)
    sent.acknowledge(request("ACK", branch="z9hG4bK2").message, PEER, "far")
    wire.layer.take_response(picked_up)
    assert wire.methods() == ["INVITE", "ACK", "ACK"]


async def test_a_second_phone_that_picks_up_is_handed_over_to_be_refused(wire: Wire) -> None:
    others: list[Response] = []
    sent = wire.layer.request(request("INVITE").message, PEER)
    sent.on_other_answer = others.append
    wire.layer.take_response(response_to(sent, 200, to_tag="first"))
    sent.acknowledge(request("ACK", branch="z9hG4bK2").message, PEER, "first")
    wire.layer.take_response(response_to(sent, 200, to_tag="second"))
    assert [answer.to_tag for answer in others] == ["second"]


async def test_an_unreachable_peer_fails_what_waits_for_it_and_nothing_else(wire: Wire) -> None:
    dead = wire.layer.request(request("OPTIONS", branch="z9hG4bKa").message, PEER)
    other = wire.layer.request(request("OPTIONS", branch="z9hG4bKb").message, Flow("UDP", "192.0.2.10", 5060))
    wire.layer.peer_unreachable(PEER)
    with pytest.raises(NoReply, match="unreachable"):
        await dead.final
    assert not other.final.done()
    wire.layer.close()


async def test_a_repeated_request_gets_the_last_response_again(wire: Wire) -> None:
    bye = request("BYE")
    assert not wire.layer.absorbs(bye)
    wire.layer.open_server(bye).respond(answer_to(bye, 200, to_tag="t"))
    assert wire.layer.absorbs(bye)
    assert wire.statuses() == [200, 200]
    assert wire.counters[Count.REPEATED_REQUESTS] == 1
    wire.layer.close()


async def test_a_refusal_of_ours_is_repeated_until_its_ack(wire: Wire) -> None:
    invite = request("INVITE")
    wire.layer.open_server(invite).respond(answer_to(invite, 486, to_tag="t"))
    await eventually(lambda: len(wire.sent) >= 3)
    assert wire.layer.absorbs(request("ACK"))
    so_far = len(wire.sent)
    await asyncio.sleep(4 * T1_S)
    assert len(wire.sent) == so_far
    wire.layer.close()


async def test_a_200_is_repeated_on_tcp_too_and_its_missing_ack_is_told(wire: Wire) -> None:
    invite = request("INVITE", flow=TCP_PEER)
    missing = asyncio.Event()
    transaction = wire.layer.open_server(invite)
    transaction.on_no_ack = missing.set
    transaction.respond(answer_to(invite, 200, to_tag="t"))
    await asyncio.wait_for(missing.wait(), 64 * T1_S + 1)
    assert wire.statuses().count(200) >= 3
    assert len(wire.layer) == 0


async def test_only_the_first_final_response_counts(wire: Wire) -> None:
    invite = request("INVITE")
    transaction = wire.layer.open_server(invite)
    transaction.respond(answer_to(invite, 487, to_tag="t"))
    transaction.respond(answer_to(invite, 200, to_tag="t"))
    assert wire.statuses() == [487]
    wire.layer.close()


async def test_a_response_to_nothing_is_counted(wire: Wire) -> None:
    sent = wire.layer.request(request("BYE").message, PEER)
    answer = response_to(sent, 200)
    wire.layer.forget_client(sent)
    wire.layer.take_response(answer)
    assert wire.counters[Count.STRAY_MESSAGES] == 1
