"""Keeps the line registered at its trunk: refresh before expiry, patient retries, unregister at the end."""

import asyncio
import contextlib

import structlog
from aiosipua.utils import generate_tag

from ivr.adapters.counters import Count
from ivr.adapters.embedded_sip.messages import Flow, Response
from ivr.adapters.embedded_sip.stack import Parties, SipStack
from ivr.adapters.embedded_sip.targets import NoSuchHost, resolve, trunk_target
from ivr.adapters.embedded_sip.transactions import NoReply
from kit.ids import new_id

log = structlog.get_logger(__name__)

_REFRESH_FRACTION = 0.8
_RETRY_FIRST_S = 2.0
_RETRY_CAP_S = 60.0


class RegistrationRefused(Exception):
    """The registrar said no."""


class Registration:
    """One binding of the line's account at the trunk (RFC 3261 §10)."""

    def __init__(self, stack: SipStack) -> None:
        self._stack = stack
        self._target = trunk_target("", stack.config.trunk)
        user = stack.config.trunk_username or stack.config.line_number
        self._user = user
        address = f"sip:{user}@{self._target.domain}"
        self._parties = Parties(new_id(), address, generate_tag(), address)
        self._cseq = 0
        self._expires_s = stack.config.register_expires_s
        self._trusted: str | None = None
        self._task: asyncio.Task[None] | None = None
        self.is_registered = False

    def start(self) -> None:
        self._task = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        if self.is_registered:
            with contextlib.suppress(NoReply, NoSuchHost, RegistrationRefused):
                await self._register(0)
            self.is_registered = False

    async def _keep(self) -> None:
        retry_s = _RETRY_FIRST_S
        while True:
            try:
                granted_s = await self._register(self._expires_s)
            except (NoReply, NoSuchHost, RegistrationRefused) as error:
                log.warning("line.registration.failed", cause=str(error), retry_s=retry_s)
                self.is_registered = False
                await asyncio.sleep(retry_s)
                retry_s = min(retry_s * 2, _RETRY_CAP_S)
                continue
            if not self.is_registered:
                log.info("line.registration.made", expires_s=granted_s)
            self.is_registered = True
            self._stack.counters.add(Count.REGISTRATIONS)
            retry_s = _RETRY_FIRST_S
            await asyncio.sleep(granted_s * _REFRESH_FRACTION)

    async def _register(self, expires_s: int) -> float:
        """One REGISTER; the seconds granted."""
        host = await resolve(self._target)
        self._trust(host)
        response = await self._send(host, expires_s)
        if response.status == 423:  # interval too brief
            minimum = response.message.headers.get_first("min-expires") or ""
            if minimum.strip().isdigit():
                self._expires_s = expires_s = int(minimum)
                response = await self._send(host, expires_s)
        if response.status >= 300:
            raise RegistrationRefused(f"sip {response.status}")
        return _granted_s(response, expires_s)

    async def _send(self, host: str, expires_s: int) -> Response:
        flow = Flow(self._target.transport, host, self._target.port)
        self._cseq += 1
        request = self._stack.new_request("REGISTER", self._target.uri, flow, self._parties, self._cseq)
        request.headers.set_single("Contact", self._stack.contact(flow, self._user))
        request.headers.set_single("Expires", str(expires_s))
        response = await self._stack.ask(request, flow)
        self._cseq = response.cseq
        return response

    def _trust(self, host: str) -> None:
        """The registrar may call us in for as long as the line lives."""
        if self._trusted != host:
            if self._trusted is not None:
                self._stack.peers.distrust(self._trusted)
            self._stack.peers.trust(host)
            self._trusted = host


def _granted_s(response: Response, asked_s: int) -> float:
    """Contact's `expires`, else the Expires header, else what was asked for (RFC 3261 §10.2.4)."""
    contacts = response.message.contact
    values = [contact.params.get("expires") for contact in contacts] + [response.message.headers.get_first("expires")]
    return next((float(value) for value in values if value and value.strip().isdigit()), float(asked_s))
