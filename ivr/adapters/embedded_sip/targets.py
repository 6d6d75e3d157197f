"""What a dialled string means: a number at the trunk, or a SIP URI; and the address behind its host."""

import asyncio
import re
import socket
from dataclasses import dataclass
from typing import Literal

from aiosipua.headers import parse_uri, stringify_uri

from ivr.adapters.embedded_sip.peers import is_address
from ivr.ports import DialFailed, DialFailure

_NUMBER = re.compile(r"\+?[0-9*#]{1,32}")
_LOOK_UP_S = 3.0


class NoSuchHost(Exception):
    """The name behind a target does not resolve."""


@dataclass(frozen=True, slots=True)
class Target:
    uri: str
    user: str
    domain: str
    """Host without port, as it stands in the URI."""
    port: int
    transport: Literal["UDP", "TCP"]
    is_trunk: bool


def trunk_target(user: str, trunk: str) -> Target:
    """`user` at the trunk (`host[:port][;transport=tcp]`)."""
    uri = parse_uri(f"sip:{user}@{trunk}" if user else f"sip:{trunk}")
    wants_tcp = (uri.params.get("transport") or "").lower() == "tcp"
    return Target(stringify_uri(uri), user, uri.host, uri.port or 5060, "TCP" if wants_tcp else "UDP", is_trunk=True)


def target_of(number: str, trunk: str) -> Target:
    """Raises DialFailed for what can never be dialled."""
    text = number.strip()
    if text.lower().startswith("sip:"):
        uri = parse_uri(text)
        if not uri.host or any(mark in text for mark in "\r\n<> "):
            raise DialFailed(DialFailure.INVALID_NUMBER, "not a SIP URI")
        wants_tcp = (uri.params.get("transport") or "").lower() == "tcp"
        transport: Literal["UDP", "TCP"] = "TCP" if wants_tcp else "UDP"
        return Target(text, uri.user or "", uri.host, uri.port or 5060, transport, is_trunk=False)
    compact = re.sub(r"[ ()-]", "", text)
    if not _NUMBER.fullmatch(compact):
        raise DialFailed(DialFailure.INVALID_NUMBER, "not a number")
    if not trunk:
        raise DialFailed(DialFailure.CONGESTED, "no trunk")
    return trunk_target(compact, trunk)


async def resolve(target: Target) -> str:
    """The IPv4 address of the target's host, looked up beside the loop; raises NoSuchHost."""
    if is_address(target.domain):
        return target.domain
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(_LOOK_UP_S):
            found = await loop.getaddrinfo(target.domain, target.port, family=socket.AF_INET, type=socket.SOCK_DGRAM)
    except (OSError, TimeoutError, UnicodeError):
        raise NoSuchHost(target.domain) from None
    return str(found[0][4][0])
