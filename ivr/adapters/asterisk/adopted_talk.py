"""A conversation that a predecessor of this process left in Asterisk: who is in it, and how he stands there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import structlog

from ivr.adapters.asterisk.ari_client import AriAway, AriRefused, path_of
from ivr.adapters.asterisk.call import AsteriskCall
from ivr.adapters.asterisk.conversation import CALL_ID, HELD, MUTED, NUMBER, ROLE, SILENCE, AsteriskConversation
from ivr.adapters.asterisk.facts import Facts, objects_in
from ivr.adapters.asterisk.stack import OUR_TALK, AsteriskStack
from ivr.adapters.asterisk.talk_leg import OwnLeg
from ivr.domain.conversation import LegRole
from ivr.line_ports import FoundLeg
from kit.ids import new_id

log = structlog.get_logger(__name__)

_ROLES = {role.value: role for role in LegRole}


@dataclass(frozen=True, slots=True)
class AdoptedTalk:
    """Implements FoundTalk. Its people talk all the while."""

    conversation_id: str
    conversation: AsteriskConversation
    citizen: AsteriskCall
    others: Sequence[FoundLeg]
    calls: Sequence[AsteriskCall]
    """Everybody who was in it when it was found; empty when all had hung up."""
    is_held: bool

    @property
    def is_recording_paused(self) -> bool:
        return self.conversation.is_paused

    async def outlive(self) -> None:
        """Until at most one is left; he is hung up, nobody speaks with him any more."""
        while len(self.conversation.legs) > 1:
            await self.conversation.next_departure()
        for call in self.calls:
            await call.hang_up()


async def adopt(stack: AsteriskStack, bridge: Facts, channels: Mapping[str, Facts]) -> AdoptedTalk:
    """Raises AriAway or AriRefused; it may be tried again."""
    conversation_id = bridge.text("id").removeprefix(OUR_TALK)
    conversation = AsteriskConversation(stack, conversation_id)
    legs: list[OwnLeg] = []
    try:
        for channel in [channels[each] for each in bridge.texts("channels") if each in channels]:
            legs.append(await _leg(stack, channel))  # noqa: PERF401 - what is made before a failure is let go
        living = {each.text("id") for each in objects_in(await stack.ari.request("GET", "channels"))}
        for leg in legs:
            if leg.channel_id not in living:  # he hung up before we listened
                leg.own.let_go("bye")
        await conversation.adopt(legs)
    except (AriAway, AriRefused):
        for leg in legs:
            leg.own.let_go("not_adopted")
        raise
    citizen = next((leg for leg in legs if leg.role is LegRole.CITIZEN), None)
    log.info("line.talk.adopted", conversation_id=conversation_id, legs=len(legs))
    return AdoptedTalk(
        conversation_id,
        conversation,
        citizen.own if citizen is not None else _gone(stack, conversation_id),
        [FoundLeg(leg.own, leg.role, leg.is_held, leg.is_muted) for leg in legs if leg is not citizen],
        [leg.own for leg in legs],
        is_held=citizen is not None and citizen.is_held,
    )


async def _leg(stack: AsteriskStack, channel: Facts) -> OwnLeg:
    channel_id = channel.text("id")
    call_id, role, number, silence = [
        await _variable(stack, channel_id, name) for name in (CALL_ID, ROLE, NUMBER, SILENCE)
    ]
    call = AsteriskCall(
        stack,
        channel_id,
        call_id=call_id or new_id(),
        caller=number or channel.text("caller", "number") or "anonymous",
        line=channel.text("dialplan", "exten") or stack.config.line_number,
        is_up=True,
        is_dialled=role != LegRole.CITIZEN.value,
    )
    stack.subscribe(channel_id)
    leg = OwnLeg(call, _ROLES.get(role, LegRole.THIRD_PARTY))
    leg.is_held, leg.is_muted = HELD in silence.split(), MUTED in silence.split()
    return leg


def _gone(stack: AsteriskStack, call_id: str) -> AsteriskCall:
    """A caller who hung up while nobody looked."""
    call = AsteriskCall(stack, f"gone-{call_id}", call_id=call_id, caller="", line="", is_up=True)
    call.let_go("bye")
    return call


async def _variable(stack: AsteriskStack, channel_id: str, name: str) -> str:
    try:
        answer = await stack.ari.request("GET", path_of("channels", channel_id, "variable"), variable=name)
    except AriRefused:
        return ""
    return Facts.of_text(answer).text("value")
