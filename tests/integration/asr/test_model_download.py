"""An archive comes whole over a bad line, or it is named why not; nothing wrong is ever taken for the file."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from asr.adapters.model_download import DownloadLimits, Progress, download
from asr.domain.catalogue.model_errors import DownloadFailed, DownloadRefused
from tests.support.moody_server import (
    Answer,
    MoodyServer,
    announce,
    fall_silent,
    moody_server,
    refuse,
    send_page,
    send_without_length,
    serve,
)

_FILE = b"PK\x03\x04" + bytes(range(256)) * 1200
_OTHER = b"PK\x03\x04" + bytes(reversed(range(256))) * 1200
_HALF = 2 << 16  # a multiple of what is written at once, so that it is kept when the line is cut
_QUICK = DownloadLimits(max_bytes=1 << 20, stall_s=0.3, tries=2, pause_s=0)


@pytest.fixture
def server() -> Iterator[MoodyServer]:
    with moody_server() as running:
        yield running


@pytest.fixture
def part(tmp_path: Path) -> Path:
    return tmp_path / "archive.part"


def _get(server: MoodyServer, part: Path, *plan: Answer, expected_bytes: int | None = None) -> list[Progress]:
    server.plan = list(plan)
    told: list[Progress] = []
    download(
        f"{server.url}/model.zip",
        part,
        _QUICK,
        expected_bytes=expected_bytes,
        on_progress=told.append,
        wait=lambda _: None,
    )
    return told


def test_a_file_comes_whole_and_progress_is_told(server: MoodyServer, part: Path) -> None:
    told = _get(server, part, serve(_FILE))
    assert part.read_bytes() == _FILE
    assert told[-1] == Progress(len(_FILE), len(_FILE))


def test_a_line_that_is_cut_is_taken_up_where_it_stopped(server: MoodyServer, part: Path) -> None:
    _get(server, part, serve(_FILE, cut_after=_HALF), serve(_FILE))
    assert part.read_bytes() == _FILE
    assert server.asked[1]["range"] == f"bytes={_HALF}-"
    assert server.asked[1]["if-range"] == '"v1"'


def test_a_silent_line_is_given_up_and_taken_up_again(server: MoodyServer, part: Path) -> None:
    _get(server, part, fall_silent(_FILE, _HALF), serve(_FILE))
    assert part.read_bytes() == _FILE
    assert "range" in server.asked[1]


def test_a_later_install_goes_on_with_what_an_earlier_one_got(server: MoodyServer, part: Path) -> None:
    with pytest.raises(DownloadFailed):
        _get(server, part, serve(_FILE, cut_after=_HALF), refuse(503))
    assert part.stat().st_size == _HALF
    server.asked.clear()
    _get(server, part, serve(_FILE))
    assert part.read_bytes() == _FILE
    assert server.asked[0]["range"] == f"bytes={_HALF}-"


def test_a_server_that_knows_no_ranges_starts_over(server: MoodyServer, part: Path) -> None:
    _get(server, part, serve(_FILE, cut_after=_HALF), serve(_FILE, ranges=False))
    assert part.read_bytes() == _FILE


def test_a_file_that_changed_between_two_tries_is_fetched_anew(server: MoodyServer, part: Path) -> None:
    _get(server, part, serve(_FILE, cut_after=_HALF), serve(_OTHER, tag='"v2"'))
    assert part.read_bytes() == _OTHER


def test_a_part_of_another_file_is_never_appended(server: MoodyServer, part: Path) -> None:
    """This server ignores If-Range: the entity tag of its answer gives it away."""

    def wrong_part(handler: object) -> None:
        handler.headers["If-Range"] = '"v2"'  # type: ignore[attr-defined]
        serve(_OTHER, tag='"v2"')(handler)  # type: ignore[arg-type]

    _get(server, part, serve(_FILE, cut_after=_HALF), wrong_part, serve(_OTHER, tag='"v2"'))
    assert part.read_bytes() == _OTHER


def test_without_a_proof_that_the_file_is_the_same_it_is_fetched_anew(server: MoodyServer, part: Path) -> None:
    _get(server, part, serve(_FILE, tag="", cut_after=_HALF), serve(_FILE, tag=""))
    assert part.read_bytes() == _FILE
    assert "range" not in server.asked[1]


def test_a_complete_part_is_confirmed_not_fetched_again(server: MoodyServer, part: Path) -> None:
    _get(server, part, serve(_FILE))
    _get(server, part, serve(_FILE))
    assert server.asked[-1]["range"] == f"bytes={len(_FILE)}-"
    assert part.read_bytes() == _FILE


def test_a_length_that_is_too_long_is_never_believed(server: MoodyServer, part: Path) -> None:
    with pytest.raises(DownloadFailed, match=r"model\.zip"):
        _get(server, part, announce(_FILE, len(_FILE) + 100))


def test_a_length_that_is_too_short_does_not_match_what_is_known(server: MoodyServer, part: Path) -> None:
    with pytest.raises(DownloadRefused, match=f"{len(_FILE)}"):
        _get(server, part, announce(_FILE, len(_FILE) - 100), expected_bytes=len(_FILE))
    assert not part.exists()


def test_a_file_of_unknown_length_is_taken_as_it_comes(server: MoodyServer, part: Path) -> None:
    _get(server, part, send_without_length(_FILE))
    assert part.read_bytes() == _FILE


@pytest.mark.parametrize("status", [403, 404, 410])
def test_a_missing_file_is_not_asked_for_again(server: MoodyServer, part: Path, status: int) -> None:
    with pytest.raises(DownloadFailed, match=f"HTTP {status}"):
        _get(server, part, refuse(status))
    assert len(server.asked) == 1


def test_a_broken_server_is_asked_again_and_then_given_up(server: MoodyServer, part: Path) -> None:
    with pytest.raises(DownloadFailed, match="HTTP 500"):
        _get(server, part, refuse(500))
    assert len(server.asked) == _QUICK.tries
    _get(server, part, refuse(500), serve(_FILE))
    assert part.read_bytes() == _FILE


def test_nobody_at_the_address_is_named(part: Path) -> None:
    with pytest.raises(DownloadFailed):
        download("http://127.0.0.1:9/x.zip", part, _QUICK, on_progress=lambda _: None, wait=lambda _: None)


def test_a_page_instead_of_the_file_is_refused_at_once(server: MoodyServer, part: Path) -> None:
    with pytest.raises(DownloadRefused, match="text/html"):
        _get(server, part, send_page())
    assert not part.exists()


@pytest.mark.parametrize("answer", [serve, send_without_length])
def test_a_file_above_the_limit_is_refused(server: MoodyServer, part: Path, answer: object) -> None:
    huge = _FILE * 4
    with pytest.raises(DownloadRefused, match=str(_QUICK.max_bytes)):
        _get(server, part, answer(huge))  # type: ignore[operator]
    assert not part.exists()
