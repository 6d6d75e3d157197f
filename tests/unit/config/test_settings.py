"""Wrong settings and policies are named, and nothing starts with them."""

from pathlib import Path

import pytest

from config.policy import PolicyWrong, load_policy
from config.settings import ROOT, SettingsWrong, load_settings

SHIPPED = (ROOT / "config" / "policy.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HOTLINE_SIP_PORT", "70000"),
        ("HOTLINE_SIP_PORT", "ninety"),
        ("HOTLINE_MAX_CALLS", "0"),
        ("HOTLINE_COOKIE_SECURE", "perhaps"),
        ("HOTLINE_LOG_LEVEL", "LOUD"),
        ("HOTLINE_SIP_ALLOWED_PEERS", "10.0.0.0/8,not-a-network"),
        ("HOTLINE_RTP_PORT_MAX", "19000"),
        ("HOTLINE_LISTENER_URL", "http://127.0.0.1:8014"),
        ("HOTLINE_LISTENER_CHILDREN", "0"),
    ],
)
def test_a_wrong_setting_is_named_but_its_value_is_not_shown(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsWrong, match=name) as caught:
        load_settings()
    assert value not in str(caught.value)


def test_urls_switch_to_servers_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql+psycopg://db/hotline")
    monkeypatch.setenv("REDIS_URL", "redis://cache:6379/0")
    settings = load_settings()
    assert settings.effective_database_url == "postgresql+psycopg://db/hotline"
    assert settings.effective_redis_url == "redis://cache:6379/0"


def test_peers_come_as_a_comma_separated_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOTLINE_SIP_ALLOWED_PEERS", "10.1.0.0/16, 192.0.2.7")
    assert load_settings().sip_allowed_peers == ["10.1.0.0/16", "192.0.2.7"]


def test_the_shipped_policy_is_right() -> None:
    assert load_policy(ROOT / "config" / "policy.toml").timezone == "Asia/Shanghai"


@pytest.mark.parametrize(
    ("number", "is_allowed"),
    [
        ("110", True), ("122", True), ("12315", True), ("801", True), ("13912345678", True), ("+8613912345678", True),
        ("013912345678", True), ("2180000", True), ("05332180000", True), ("01085180000", True),
        ("+8602185180000", False), ("+862185180000", True), ("+865332180000", True),
        ("", False), ("0085221800000", False), ("+85221800000", False), ("16812345", False), ("01016812345", False),
        ("+8616812345", False), ("110\n", False), ("1391234567890", False),
    ],
)  # fmt: skip
def test_the_shipped_policy_lets_national_numbers_be_dialled_and_no_others(number: str, is_allowed: bool) -> None:
    assert load_policy(ROOT / "config" / "policy.toml").call.dialling.allows(number) is is_allowed


@pytest.mark.parametrize(
    ("usual", "wrong", "named"),
    [
        ("capacity = 20", "capacity = 0", "assignment.capacity"),
        ("capacity = 20", "capacity = 20\ncapasity = 3", "assignment.capasity"),
        ('timezone = "Asia/Shanghai"', 'timezone = "Asia/Nowhere"', "timezone"),
        ('["09:00", "12:00"]', '["12:00", "09:00"]', "callbacks.windows"),
        ("lease_s = 1200.0", "lease_s = 60.0", "lease_s"),
        ("busy = [10, 30, 120]", "busy = [-1]", "callbacks.ladder.busy"),
        ("busy = [10, 30, 120]", "bussy = [10]", "bussy"),
        ("[callbacks.ladder]", "[callbacks.ladder", "policy.toml"),
        ("'110|119|120|122'", "'110|('", "call.dialling.allow"),
        ("voice_confirm_from = 0.5", "voice_confirm_from = 0.9", "voice_confirm_from"),
        ("voice_accept_from = 0.85", "voice_accept_from = 85", "voice_accept_from"),
    ],
)
def test_a_wrong_policy_key_is_named(tmp_path: Path, usual: str, wrong: str, named: str) -> None:
    assert usual in SHIPPED
    path = tmp_path / "policy.toml"
    path.write_text(SHIPPED.replace(usual, wrong), encoding="utf-8")
    with pytest.raises(PolicyWrong, match=named):
        load_policy(path)


def test_a_missing_policy_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(PolicyWrong, match=r"nothing\.toml"):
        load_policy(tmp_path / "nothing.toml")
