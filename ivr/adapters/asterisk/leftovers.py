"""After a connection was made: what is there in Asterisk that nobody of this process serves.

Two people who talk with each other are never touched, whoever bridged them. A caller alone with a dead media
channel hears nothing: he is handed back to the script, and what was built around him is taken down.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ivr.adapters.asterisk.ari_client import AriRefused, path_of
from ivr.adapters.asterisk.facts import Facts, objects_in
from ivr.adapters.asterisk.stack import DIALLED, OUR_BRIDGE, OUR_MEDIA, OUR_SNOOP, OUR_TALK, OUR_TAP, AsteriskStack


@dataclass(frozen=True, slots=True)
class Leftovers:
    channels: Mapping[str, Facts]
    """All channels that live, by id."""
    forsaken: tuple[Facts, ...]
    """Callers in our application who are alone."""
    orphans: tuple[str, ...]
    """Media channels, and calls of a dead dialler, that have no use any more."""
    bridges: tuple[str, ...]
    """Ours, without a use."""
    talks: tuple[Facts, ...]
    """Bridges of a dead predecessor's conversations, also empty ones: their recordings still have to end."""


async def look(stack: AsteriskStack) -> Leftovers:
    """Raises AriAway or AriRefused."""
    channels = objects_in(await stack.ari.request("GET", "channels"))
    bridges = objects_in(await stack.ari.request("GET", "bridges"))
    served = stack.served_channels
    talks = tuple(each for each in bridges if each.text("id").startswith(OUR_TALK))
    talking = {member for bridge in bridges if _is_talk(bridge) for member in bridge.texts("channels")}
    lonely = [
        bridge.text("id")
        for bridge in bridges
        if bridge.text("id").startswith(OUR_BRIDGE)
        and not bridge.text("id").startswith((OUR_TALK, OUR_TAP))
        and not talking.intersection(bridge.texts("channels"))
        and not served.intersection(bridge.texts("channels"))
    ]
    unserved = [
        each
        for each in channels
        if _is_in_app(each, stack.config.app)
        and each.text("id") not in served | talking
        and not each.text("id").startswith(OUR_SNOOP)  # it ends with whom it listens to
    ]
    return Leftovers(
        channels={each.text("id"): each for each in channels},
        forsaken=tuple(each for each in unserved if not _is_orphan(each)),
        orphans=tuple(each.text("id") for each in unserved if _is_orphan(each)),
        bridges=tuple(lonely),
        talks=tuple(each for each in talks if each.text("id") not in stack.talks),
    )


def _is_talk(bridge: Facts) -> bool:
    """Two people, or one who is left of a conversation."""
    people = [member for member in bridge.texts("channels") if not member.startswith((OUR_MEDIA, OUR_SNOOP))]
    return len(people) >= 2 or bridge.text("id").startswith(OUR_TALK)


async def clear(stack: AsteriskStack, found: Leftovers) -> None:
    """Take down media channels, abandoned dialled calls and bridges without two people. Raises AriAway."""
    channels = [path_of("channels", each) for each in found.orphans]
    for path in (*channels, *(path_of("bridges", each) for each in found.bridges)):
        try:
            await stack.ari.request("DELETE", path)
        except AriRefused:
            continue  # it went by itself


def _is_in_app(channel: Facts, app: str) -> bool:
    return channel.text("dialplan", "app_name") == "Stasis" and _app_words(channel)[0] == app


def _is_orphan(channel: Facts) -> bool:
    return channel.text("id").startswith(OUR_MEDIA) or DIALLED in _app_words(channel)[1:]


def _app_words(channel: Facts) -> list[str]:
    """The application's name, and the arguments it was entered with."""
    return channel.text("dialplan", "app_data").split(",")
