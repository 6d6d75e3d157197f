"""Is the hotline ready? Asked from outside, as its users do: over HTTP and over SIP."""

import http.client
import json
import os
import socket
import sys
import time
import uuid
from pathlib import Path

import httpx
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from config.settings import Settings, load_settings
from kit.errors import Unavailable

_LOOK_EVERY_S = 0.1
_ANSWER_WITHIN_S = 1.0
_ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - addresses to listen on are not addresses to ask


class NotReady(Unavailable):
    code = "runner.not_ready"


def wait_until_ready(settings: Settings, timeout_s: float) -> float:
    """Wait for web and telephony; returns the seconds it took. Raises NotReady naming who is silent."""
    started = time.monotonic()
    silent = {"web": web_is_ready, "telephony": line_is_ready}
    while True:
        silent = {name: is_ready for name, is_ready in silent.items() if not is_ready(settings)}
        elapsed = time.monotonic() - started
        if not silent:
            return elapsed
        if elapsed > timeout_s:
            raise NotReady(f"not ready within {timeout_s:g} s: {', '.join(silent)}")
        time.sleep(_LOOK_EVERY_S)


def web_is_ready(settings: Settings) -> bool:
    """Does the web process say that it, its database and Redis are there?"""
    host = _ANYWHERE.get(settings.web_host, settings.web_host)
    connection = http.client.HTTPConnection(host, settings.web_port, timeout=_ANSWER_WITHIN_S)
    try:
        connection.request("GET", "/api/v1/health/ready")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def line_is_ready(settings: Settings) -> bool:
    """Does the telephone line answer SIP OPTIONS, or does Asterisk have our application?"""
    return _application_is_there(settings) if settings.line == "asterisk" else _answers_options(settings)


def _application_is_there(settings: Settings) -> bool:
    """Asterisk knows an application only as long as its process is connected."""
    path = f"{settings.ari_url.rstrip('/')}/applications/{settings.ari_app}"
    login = (settings.ari_user, settings.ari_password)
    try:
        return httpx.get(path, auth=login, timeout=_ANSWER_WITHIN_S, trust_env=False).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def _answers_options(settings: Settings) -> bool:
    host = _ANYWHERE.get(settings.sip_host, settings.sip_host)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as phone:
        phone.settimeout(_ANSWER_WITHIN_S)
        try:
            phone.connect((host, settings.sip_port))
            own_host, own_port = phone.getsockname()[:2]
            phone.send(_options(settings.line_number, host, settings.sip_port, f"{own_host}:{own_port}"))
            return phone.recv(65535).startswith(b"SIP/2.0 200")
        except OSError:
            return False


def listener_is_ready(settings: Settings) -> bool:
    """Does the listener take a stream?"""
    try:
        with connect(settings.effective_listener_url, compression=None, proxy=None, open_timeout=1) as stream:
            stream.send('{"sample_rate": 8000}')
            return '"ready": true' in str(stream.recv(timeout=_ANSWER_WITHIN_S))
    except (OSError, WebSocketException):
        return False


def _options(line: str, host: str, port: int, own: str) -> bytes:
    unique = uuid.uuid4().hex
    lines = [
        f"OPTIONS sip:{line}@{host}:{port} SIP/2.0",
        f"Via: SIP/2.0/UDP {own};branch=z9hG4bK{unique};rport",
        "Max-Forwards: 70",
        f"From: <sip:ready@{own}>;tag={unique[:8]}",
        f"To: <sip:{line}@{host}:{port}>",
        f"Call-ID: {unique}",
        "CSeq: 1 OPTIONS",
        f"Contact: <sip:ready@{own}>",
        "Content-Length: 0",
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def running_processes(settings: Settings) -> dict[str, int]:
    """Process ids by name, as the runner last wrote them; empty when it does not run."""
    path = Path(settings.data_dir).resolve() / "run" / "processes.json"
    try:
        status = json.loads(path.read_text())
        os.kill(status["runner"], 0)  # a killed runner leaves its file behind
    except (OSError, ValueError):
        return {}
    living = {name: each["pid"] for name, each in status["processes"].items() if each["state"] == "RUNNING"}
    return {"runner": status["runner"], **living}


def main(name: str) -> int:
    """`python -m app.readiness web|telephony|listener`: exit status 0 when it is. For container health checks."""
    checks = {"web": web_is_ready, "telephony": line_is_ready, "listener": listener_is_ready}
    return 0 if checks[name](load_settings()) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
