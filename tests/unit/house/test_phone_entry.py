"""What lets a browser in: the gate of the public page, the key of the tokens, the address of the line."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from starlette.requests import HTTPConnection

from app.api.phone_address import phone_address, phone_source
from app.phone_tokens import PhoneTokens
from app.web_call_gate import OwnCount, TooManyWebCalls
from config.settings import Settings
from kit.clock import SystemClock


def test_the_gate_opens_again_and_forgets_old_addresses() -> None:
    gate = OwnCount()
    for _ in range(6):
        gate.pass_through("192.0.2.1", 0.0)
    with pytest.raises(TooManyWebCalls):
        gate.pass_through("192.0.2.1", 59.0)
    gate.pass_through("192.0.2.1", 60.0)
    for number in range(20_000):
        gate.pass_through(str(number), 61.0)
    assert len(gate) == 10_000


@pytest.mark.parametrize(
    ("scheme", "host", "server"),
    [
        ("http", "hotline.test:8012", "ws://hotline.test:8015"),
        ("http", "hotline.test", "ws://hotline.test:8015"),
        ("https", "hotline.test", "wss://hotline.test"),
        ("https", "hotline.test:8443", "wss://hotline.test:8443"),
        ("http", "[::1]:8012", "ws://[::1]:8015"),
        ("http", "a b;script-src *", "ws://localhost:8015"),
        ("https", "x; sandbox:1", "wss://localhost:1"),
        ("http", "", "ws://localhost:8015"),
    ],
)
def test_the_line_is_beside_the_page_and_behind_https_on_the_same_server(scheme: str, host: str, server: str) -> None:
    page = page_at(scheme, host)
    assert phone_address(page, Settings()) == f"{server}/phone"
    assert phone_source(page, Settings()) == server


def test_an_address_that_was_set_is_the_address() -> None:
    settings = Settings(browser_url="wss://voice.test:444/line")
    assert phone_address(page_at("http", "hotline.test"), settings) == "wss://voice.test:444/line"
    assert phone_source(page_at("http", "hotline.test"), settings) == "wss://voice.test:444"


def page_at(scheme: str, host: str) -> HTTPConnection:
    headers = [(b"host", host.encode())]
    return HTTPConnection({"type": "http", "scheme": scheme, "path": "/", "query_string": b"", "headers": headers})


def test_processes_that_make_the_key_at_once_agree_on_it(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "var")

    def write_and_read(_: int) -> str:
        return PhoneTokens(settings, SystemClock()).for_citizen(origin="", address="")

    with ThreadPoolExecutor(8) as threads:
        written = list(threads.map(write_and_read, range(8)))
    assert all(PhoneTokens(settings, SystemClock()).read(token) for token in written)
    assert [path.name for path in settings.data_dir.iterdir()] == ["phone.key"]
    assert (settings.data_dir / "phone.key").stat().st_mode & 0o777 == 0o600
