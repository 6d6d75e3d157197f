"""Two processes look into the folder of calls taken while the hotline was away: one files what the other reads."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ivr.adapters.asterisk.away_folder import AwayFolder

ENDINGS = (".wav", ".done", ".call")


@pytest.mark.parametrize("gone", range(1, 4))
@pytest.mark.parametrize("looks_before", range(8))
def test_a_call_that_is_filed_while_it_is_looked_at_is_not_set_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gone: int, looks_before: int
) -> None:
    """`gone`: so many of its files the other one has removed, after so many looks of ours at any of them."""
    for ending in ENDINGS:
        (tmp_path / f"1772424000.1{ending}").write_text("caller=13900000001 line=12345 started=1772424000")
    looks, look = [], os.stat

    def stat(path: Path, *, follow_symlinks: bool = True) -> os.stat_result:
        looks.append(path)
        if len(looks) > looks_before:
            for ending in ENDINGS[:gone]:
                (tmp_path / f"1772424000.1{ending}").unlink(missing_ok=True)
        return look(path, follow_symlinks=follow_symlinks)

    monkeypatch.setattr(Path, "stat", stat)
    AwayFolder(tmp_path).waiting(datetime.fromtimestamp(1772424000, UTC))
    assert [each.name for each in tmp_path.iterdir() if each.suffix == ".unreadable"] == []
