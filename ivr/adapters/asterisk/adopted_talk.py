"""A conversation that a dead predecessor of this process left in Asterisk: who is in it, and how it goes on."""

from collections.abc import Mapping
from dataclasses import dataclass

import structlog

from ivr.adapters.asterisk.ari_client import AriRefused, path_of
from ivr.adapters.asterisk.call import AsteriskCall
from ivr.adapters.asterisk.conversation import CALL_ID, ROLE, AsteriskConversation
from ivr.adapters.asterisk.facts import Facts
from ivr.adapters.asterisk.stack import OUR_TALK, AsteriskStack
from ivr.domain.conversation import LegRole
from kit.ids import new_id

log = structlog.get_logger(__name__)

_ROLES = {role.value: role for role in LegRole}


@dataclass(frozen=True, slots=True)
class AdoptedTalk:
    """Its people talk all the while. `calls` is empty when all have hung up meanwhile."""

    conversation_id: str
    conversation: AsteriskConversation
    calls: tuple[AsteriskCall, ...]

    async def outlive(self) -> None:
        """Until at most one is left; he is hung up, nobody speaks with him any more."""
        while len(self.conversation.legs) > 1:
            await self.conversation.next_departure()
        await self.hang_up()

    async def hang_up(self) -> None:
        for call in self.calls:
            await call.hang_up()


async def adopt(stack: AsteriskStack, bridge: Facts, channels: Mapping[str, Facts]) -> AdoptedTalk:
    """Raises AriAway or AriRefused."""
    conversation_id = bridge.text("id").removeprefix(OUR_TALK)
    calls: dict[AsteriskCall, LegRole] = {}
    for channel_id in bridge.texts("channels"):
        if channel_id not in channels:
            continue
        call_id, role = [await _variable(stack, channel_id, name) for name in (CALL_ID, ROLE)]
        channel = channels[channel_id]
        call = AsteriskCall(
            stack,
            channel_id,
            call_id=call_id or new_id(),
            caller=channel.text("caller", "number") or "anonymous",
            line=channel.text("dialplan", "exten"),
            is_up=True,
        )
        stack.subscribe(channel_id)
        calls[call] = _ROLES.get(role, LegRole.THIRD_PARTY)
    conversation = AsteriskConversation(stack, conversation_id)
    await conversation.adopt(calls)
    log.info("line.talk.adopted", conversation_id=conversation_id, legs=len(calls))
    return AdoptedTalk(conversation_id, conversation, tuple(calls))


async def _variable(stack: AsteriskStack, channel_id: str, name: str) -> str:
    try:
        answer = await stack.ari.request("GET", path_of("channels", channel_id, "variable"), variable=name)
    except AriRefused:
        return ""
    return Facts.of_text(answer).text("value")
