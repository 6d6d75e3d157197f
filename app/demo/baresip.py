"""A citizen's telephone that is not our own stack: Debian's baresip, steered over its control socket.

It speaks WAV files, presses RFC 4733 digits, and keeps what it hears in a file.
"""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from kit.errors import Unavailable
from kit.net import free_port_block

_CONFIG = """\
sip_listen 127.0.0.1:{sip_port}
audio_player aubridge,nobody
audio_source aufile,{silence}
audio_alert aubridge,nobody
audio_srate 8000
audio_channels 1
ausrc_srate 8000
auplay_srate 8000
rtp_ports {rtp_from}-{rtp_to}
call_local_timeout 120
call_max_calls 4
module_path {modules}
module aubridge.so
module aufile.so
module g711.so
module sndfile.so
module_app account.so
module_app contact.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:{control_port}
snd_path {folder}
ring_aufile none
"""


class PhoneMissing(Unavailable):
    code = "demo.phone_missing"


class PhoneSilent(Unavailable):
    """The telephone did not do in time what was asked of it."""

    code = "demo.phone_silent"


@dataclass(frozen=True, slots=True)
class PhonePorts:
    sip: int
    control: int
    rtp_from: int
    rtp_to: int


@dataclass(frozen=True, slots=True)
class Registrar:
    """A PBX on this machine at which the telephone registers under its number."""

    port: int
    password: str


def phone_ports() -> PhonePorts:
    """Free ones. baresip takes the port after its SIP port too (TLS), and ends when it is in use."""
    first = free_port_block(24)
    return PhonePorts(sip=first, control=first + 3, rtp_from=first + 4, rtp_to=first + 22)


@dataclass
class Baresip:
    """One running telephone; `events` are baresip's own (`CALL_ESTABLISHED`, `CALL_CLOSED`, …)."""

    folder: Path
    _reader: asyncio.StreamReader
    _writer: asyncio.StreamWriter
    events: asyncio.Queue[dict[str, str]] = field(default_factory=asyncio.Queue)
    _heard: set[Path] = field(default_factory=set)

    async def dial(self, uri: str) -> None:
        await self._send("dial", uri)

    async def pick_up(self, timeout_s: float) -> None:
        """Wait until somebody rings, then answer."""
        await self.wait_for("CALL_INCOMING", timeout_s=timeout_s)
        await self._send("accept", "")
        await self.wait_for("CALL_ESTABLISHED", timeout_s=5)

    async def press(self, digit: str) -> None:
        await self._send("sndcode", digit)

    async def speak(self, wav: Path) -> None:
        """Speak a WAV; it must end in silence long enough to outlive the call (baresip hangs up at its end)."""
        await self._send("ausrc", f"aufile,{wav}")

    async def hang_up(self) -> None:
        await self._send("hangup", "")

    async def wait_for(self, *types: str, timeout_s: float) -> dict[str, str]:
        """The next event of one of these types; raises PhoneSilent after the time."""
        try:
            async with asyncio.timeout(timeout_s):
                while True:
                    event = await self.events.get()
                    if event.get("type") in types:
                        return event
        except TimeoutError:
            raise PhoneSilent(f"no {' or '.join(types)} within {timeout_s:.0f} s") from None

    async def hearing(self) -> Path:
        """The WAV that grows with what the present call's other side says."""
        before = self._heard
        for _ in range(250):
            new = sorted(set(self.folder.glob("dump-*-dec.wav")) - before)
            if new:
                self._heard = before | set(new)
                return new[-1]
            await asyncio.sleep(0.02)  # baresip opens the file with the first packet and tells nobody
        raise PhoneSilent("no audio arrived within 5 s")

    async def listen_to_control(self) -> None:
        """Sort what comes from the control socket (netstrings of JSON) into `events`."""
        while length := await self._reader.readuntil(b":"):
            body = await self._reader.readexactly(int(length[:-1]) + 1)
            fact = json.loads(body[:-1])
            if fact.get("event"):
                self.events.put_nowait(fact)

    async def _send(self, command: str, params: str) -> None:
        body = json.dumps({"command": command, "params": params, "token": command}).encode()
        self._writer.write(b"%d:%s," % (len(body), body))
        await self._writer.drain()


@asynccontextmanager
async def baresip_phone(
    folder: Path, ports: PhonePorts, *, number: str, silence: Path, registrar: "Registrar | None" = None
) -> AsyncIterator[Baresip]:
    """Run a telephone with this number in `folder`; gone, with everything it started, at the block's end.

    With a registrar it returns once it is registered there.
    """
    program = shutil.which("baresip")
    if program is None:
        raise PhoneMissing("baresip is not installed (Debian package baresip)")
    _write_configuration(folder, ports, number, silence, registrar)
    with (folder / "baresip.log").open("wb") as log:
        phone = await asyncio.create_subprocess_exec(
            program, "-4", "-f", str(folder), stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log
        )
    try:
        reader, writer = await _connect(ports.control)
        baresip = Baresip(folder, reader, writer)
        listening = asyncio.create_task(baresip.listen_to_control())
        try:
            if registrar is not None:
                await _registered(folder / "baresip.log")
            yield baresip
        finally:
            listening.cancel()
            writer.close()
    finally:
        if phone.returncode is None:
            phone.terminate()
        try:
            await asyncio.wait_for(phone.wait(), 5)
        except TimeoutError:
            phone.kill()
            await phone.wait()


def _write_configuration(
    folder: Path, ports: PhonePorts, number: str, silence: Path, registrar: Registrar | None
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    modules = next(path.parent for path in Path("/usr/lib").glob("**/baresip/modules/g711.so"))
    config = _CONFIG.format(
        sip_port=ports.sip, control_port=ports.control, rtp_from=ports.rtp_from, rtp_to=ports.rtp_to,
        modules=modules, folder=folder, silence=silence,
    )  # fmt: skip
    where, how = ports.sip, "regint=0"
    if registrar is not None:
        where, how = registrar.port, f"auth_user={number};auth_pass={registrar.password};regint=60"
    account = f"<sip:{number}@127.0.0.1:{where}>;{how};answermode=manual;audio_codecs=PCMA/8000/1\n"
    for name, content in (("config", config), ("accounts", account), ("contacts", "")):
        (folder / name).write_text(content, encoding="utf-8")


async def _registered(log: Path) -> None:
    """Its event may have gone out before anybody listened; its log has kept it."""
    for _ in range(200):
        if "binding]" in await asyncio.to_thread(log.read_text, errors="replace"):
            return
        await asyncio.sleep(0.05)
    raise PhoneSilent("the telephone could not register within 10 s")


async def _connect(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    for _ in range(100):
        try:
            return await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
    raise PhoneSilent("baresip did not open its control socket within 5 s")
