"""`hotline asterisk check`: what an existing Asterisk lacks for the hotline. Asks, tries, and leaves nothing behind.

Every finding has a code that stays, so that a runbook and a monitor may lean on it.
"""

import asyncio
import os
import re
import socket
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from ivr.adapters.asterisk.ari_client import AriAway, AriRefused, path_of
from ivr.adapters.asterisk.config import AsteriskConfig
from ivr.adapters.asterisk.facts import Facts, objects_in
from ivr.adapters.asterisk.pbx_trial import MediaSilent, Trial

_OLDEST = (22, 8)
_MODULES = frozenset({
    "app_playback", "app_record", "app_stasis", "bridge_simple", "bridge_softmix", "chan_pjsip", "chan_websocket",
    "codec_alaw", "format_wav", "func_dialplan", "func_env", "func_strings", "res_ari_applications",
    "res_ari_asterisk", "res_ari_bridges", "res_ari_channels", "res_ari_events", "res_ari_recordings",
    "res_musiconhold", "res_pjsip_session", "res_rtp_asterisk", "res_stasis_playback", "res_stasis_recording",
    "res_stasis_snoop", "res_websocket_client",
})  # fmt: skip
_SOUNDS = ("greeting", "apology", "message_prompt", "beep", "message_received", "goodbye", "recording_failed")
_WITHIN_S = 3.0


@dataclass(frozen=True, slots=True)
class PbxFinding:
    code: str
    """`asterisk.ok` when nothing is wrong with the subject."""
    subject: str
    says: str
    remedy: str = ""

    @property
    def is_ok(self) -> bool:
        return not self.remedy


class _Wrong(Exception):
    """A finding that is a problem; `is_final` when nothing after it can be looked at."""

    def __init__(self, code: str, says: str, remedy: str, *, is_final: bool = False) -> None:
        super().__init__(says)
        self.code, self.says, self.remedy, self.is_final = code, says, remedy, is_final


class PbxCheck:
    """One visit."""

    def __init__(self, config: AsteriskConfig, away: Path) -> None:
        self._config = config
        self._away = away
        self._http = httpx.AsyncClient(
            base_url=config.url.rstrip("/"), auth=(config.user, config.password), timeout=_WITHIN_S, trust_env=False
        )

    async def run(self) -> list[PbxFinding]:
        """Every subject in the order in which one would repair them; stops where nothing more can be asked."""
        findings: list[PbxFinding] = []
        subjects = {
            "ARI": self._reach, "version": self._version, "modules": self._modules, "media client": self._media_client,
            "away folder": self._away_folder, "recordings, dialplan, sounds, sound path": self._try_it,
        }  # fmt: skip
        async with self._http:
            for subject, look in subjects.items():
                try:
                    findings.append(PbxFinding("asterisk.ok", subject, await look()))
                except _Wrong as wrong:
                    findings.append(PbxFinding(f"asterisk.{wrong.code}", subject, wrong.says, wrong.remedy))
                    if wrong.is_final:
                        break
        return findings

    # --- by asking

    async def _get(self, path: str) -> httpx.Response:
        try:
            return await self._http.get(path)
        except httpx.HTTPError as error:
            raise _Wrong(
                "unreachable", f"{self._config.url}: {type(error).__name__}",
                "start Asterisk; enable http.conf and ari.conf; see HOTLINE_ARI_URL", is_final=True,
            ) from None  # fmt: skip

    async def _reach(self) -> str:
        answer = await self._get("/asterisk/ping")
        if answer.status_code in (401, 403):
            raise _Wrong(
                "login_refused", f"HTTP {answer.status_code} for {self._config.user}",
                "make the user in ari.conf; see HOTLINE_ARI_USER and HOTLINE_ARI_PASSWORD", is_final=True,
            )  # fmt: skip
        if answer.status_code != httpx.codes.OK:
            raise _Wrong(
                "no_ari", f"HTTP {answer.status_code}", "HOTLINE_ARI_URL ends in /ari; load res_ari", is_final=True
            )
        refused = await self._http.delete("/channels/no-such-channel")
        if refused.status_code == httpx.codes.FORBIDDEN:
            raise _Wrong("read_only", "the user may only read", "read_only = no in ari.conf", is_final=True)
        return f"{self._config.url} answers {self._config.user}"

    async def _version(self) -> str:
        said = Facts.of_text((await self._get("/asterisk/info")).text).text("system", "version")
        found = re.match(r"(\d+)\.(\d+)", said)
        if not found or (int(found[1]), int(found[2])) < _OLDEST:
            raise _Wrong("too_old", f"version {said or 'unknown'}", "22.8 or newer is needed (chan_websocket, JSON)")
        return said

    async def _modules(self) -> str:
        listed = objects_in((await self._get("/asterisk/modules")).text)
        running = {each.text("name").removesuffix(".so") for each in listed if each.text("status") == "Running"}
        missing = sorted(_MODULES - running)
        if missing:
            raise _Wrong("module_missing", ", ".join(missing), "load them in modules.conf, then: core restart now")
        return f"{len(_MODULES)} needed ones run"

    async def _media_client(self) -> str:
        name = self._config.media_client
        path = path_of("asterisk", "config", "dynamic", "res_websocket_client", "websocket_client", name)
        answer = await self._get(f"/{path}")
        if answer.status_code != httpx.codes.OK:
            raise _Wrong("media_client_missing", f"no [{name}]", "add it to websocket_client.conf (docs/asterisk.md)")
        settings = {each.text("attribute"): each.text("value") for each in objects_in(answer.text)}
        uri = settings.get("uri", "")
        if urlsplit(uri).port != self._config.media_port or "media" not in settings.get("protocols", ""):
            raise _Wrong(
                "media_client_elsewhere", f"[{name}] goes to {uri}, protocols {settings.get('protocols')}",
                f"uri = ws://HOST:{self._config.media_port}/media, protocols = media; see HOTLINE_MEDIA_PORT",
            )  # fmt: skip
        return f"[{name}] goes to {uri}"

    async def _away_folder(self) -> str:
        said = Facts.of_text((await self._get("/asterisk/variable?variable=HOTLINE_AWAY")).text).text("value")
        if not said:
            raise _Wrong("away_unset", "HOTLINE_AWAY is empty", "take [globals] and [hotline-away] of extensions.conf")
        if not await asyncio.to_thread(os.access, self._away, os.R_OK | os.W_OK | os.X_OK):
            raise _Wrong(
                "away_not_shared", f"Asterisk writes to {said}, we look into {self._away}",
                "share that folder with the hotline, readable and writable; see HOTLINE_AWAY_DIR",
            )  # fmt: skip
        waiting = len(await asyncio.to_thread(lambda: list(self._away.glob("*.call"))))
        return f"{said}; {waiting} call(s) wait to be taken in"

    # --- by trying

    async def _try_it(self) -> str:
        """As an application of its own, beside the hotline that may be running."""
        is_media_free = await asyncio.to_thread(self._is_media_port_free)
        media_port = self._config.media_port if is_media_free else 0
        trial = Trial(replace(self._config, app="hotline-check", media_port=media_port))
        try:
            await trial.open()
        except (AriAway, TimeoutError, OSError) as error:
            raise _Wrong("no_events", type(error).__name__, "load res_ari_events and res_http_websocket") from None
        try:
            await self._try_recording(trial)  # before the sounds: what leaves a bridge may end a recording of it
            await self._try_dialplan(trial)
            if not is_media_free:
                return "recordings, dialplan and sounds are there; the running hotline holds the sound path"
            delay_ms = await self._try_sound(trial)
        finally:
            await trial.close()
        return f"recordings, dialplan and sounds are there; sound goes through and back in {delay_ms} ms"

    async def _try_dialplan(self, trial: Trial) -> None:
        try:
            exists, sounds = await trial.ask_dialplan(
                f"DIALPLAN_EXISTS(hotline-inbound,{self._config.line_number},1)", "HOTLINE_SOUNDS"
            )
        except AriRefused as refused:
            raise _Wrong("dialplan_unknown", str(refused), "load chan_pjsip's and core's Local channels") from None
        if exists != "1":
            raise _Wrong("dialplan_missing", "no [hotline-inbound]", "take extensions.conf of config/asterisk")
        missing = await trial.sounds_missing(sounds, _SOUNDS)
        if missing:
            raise _Wrong("sounds_missing", ", ".join(missing), "HOTLINE_SOUNDS in extensions.conf")

    async def _try_recording(self, trial: Trial) -> None:
        try:
            await trial.record()
        except (AriRefused, AriAway, TimeoutError) as error:
            why = str(error) or type(error).__name__
            raise _Wrong("recording_refused", why, "SPOOL/recording must be there and writable") from None

    async def _try_sound(self, trial: Trial) -> int:
        try:
            return await trial.sound_delay_ms()
        except (AriRefused, AriAway, TimeoutError, MediaSilent) as error:
            raise _Wrong(
                "media_silent", str(error) or type(error).__name__,
                "Asterisk must reach HOTLINE_MEDIA_HOST:PORT; control_message_format = json in chan_websocket.conf",
            ) from None  # fmt: skip

    def _is_media_port_free(self) -> bool:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self._config.media_host, self._config.media_port))
            except OSError:
                return False
            return True
