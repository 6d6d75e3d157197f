"""`hotline asterisk check` on a real Asterisk: content with the shipped configuration, and naming what is missing."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from ivr.adapters.asterisk import AsteriskConfig, AsteriskLine
from ivr.adapters.asterisk.pbx_check import PbxCheck, PbxFinding
from kit.net import free_port
from tests.support.asterisk import Asterisk


async def codes(config: AsteriskConfig, away: Path) -> list[str]:
    return [finding.code for finding in await PbxCheck(config, away).run()]


async def test_the_shipped_configuration_is_fit_and_the_visit_leaves_nothing(asterisk: Asterisk) -> None:
    findings = await PbxCheck(asterisk.config(), asterisk.away).run()
    assert [finding for finding in findings if not finding.is_ok] == []
    assert "sound goes through and back" in findings[-1].says
    assert await asyncio.to_thread(asterisk.left_behind) == []


async def test_it_may_run_beside_the_hotline_and_does_not_take_its_line(asterisk: Asterisk) -> None:
    line = AsteriskLine(asterisk.config())
    await line.start()
    try:
        await asyncio.wait_for(line.connected.wait(), 5)
        findings = await PbxCheck(asterisk.config(), asterisk.away).run()
        assert [finding for finding in findings if not finding.is_ok] == []
        assert line.connected.is_set()
    finally:
        await line.stop()


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"url": f"http://127.0.0.1:{free_port()}/ari"}, "asterisk.unreachable"),
        ({"password": "wrong"}, "asterisk.login_refused"),
    ],
)
async def test_where_nothing_more_can_be_asked_it_stops(asterisk: Asterisk, wrong: dict[str, str], code: str) -> None:
    assert await codes(replace(asterisk.config(), **wrong), asterisk.away) == [code]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"media_client": "no-such"}, "asterisk.media_client_missing"),
        ({"media_port": 9}, "asterisk.media_client_elsewhere"),
    ],
)
async def test_each_lack_has_its_code(asterisk: Asterisk, wrong: dict[str, object], code: str) -> None:
    assert code in await codes(replace(asterisk.config(), **wrong), asterisk.away)  # type: ignore[arg-type]


async def test_an_away_folder_that_we_do_not_see_is_named(asterisk: Asterisk, tmp_path: Path) -> None:
    assert "asterisk.away_not_shared" in await codes(asterisk.config(), tmp_path / "elsewhere")


def test_a_finding_is_a_problem_exactly_when_there_is_something_to_do() -> None:
    assert PbxFinding("asterisk.ok", "ARI", "answers").is_ok
    assert not PbxFinding("asterisk.too_old", "version", "18.2", "upgrade").is_ok
