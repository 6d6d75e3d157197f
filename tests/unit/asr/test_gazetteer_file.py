import pytest

from asr.adapters.gazetteer_file import read_gazetteer
from asr.adapters.rule_text import text_of
from asr.domain.errors import RuleFileWrong
from asr.domain.reading.gazetteer import PlaceKind
from tests.unit.asr.spoken import shipped_rules

_HEADER = "name,kind,community,town,grid,department,longitude,latitude,aliases"


def test_a_row_is_a_place() -> None:
    text = f"{_HEADER}\n翠屏小区,community,澜庭社区,云溪街道,0101,城管局,113.5,-34.25,翠屏苑|翠屏院\n"
    (entry,) = read_gazetteer(text, "g.csv").named("翠屏苑")
    assert (entry.name, entry.kind, entry.community, entry.town) == (
        "翠屏小区",
        PlaceKind.COMMUNITY,
        "澜庭社区",
        "云溪街道",
    )
    assert (entry.grid, entry.department, entry.longitude, entry.latitude) == ("0101", "城管局", 113.5, -34.25)
    assert entry.aliases == ("翠屏苑", "翠屏院")


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_every_spreadsheet_separator_is_understood(separator: str) -> None:
    text = '# a comment; with, signs "\n\nname,kind,town\n人民路,road,柳河镇\n'.replace(",", separator)
    assert read_gazetteer(text, "g.csv").named("人民路")[0].town == "柳河镇"


def test_columns_may_be_missing_and_in_any_order() -> None:
    assert read_gazetteer("kind,name\nroad,人民路\n", "g.csv").named("人民路")[0].kind is PlaceKind.ROAD


def test_one_name_in_two_towns_is_two_places() -> None:
    text = "name,kind,town\n人民路,road,柳河镇\n人民路,road,石桥镇\n"
    assert [entry.town for entry in read_gazetteer(text, "g.csv").named("人民路")] == ["柳河镇", "石桥镇"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_every_usual_encoding_is_understood(encoding: str) -> None:
    text = "name,kind,town\r\n人民路,road,柳河镇\r\n"
    assert read_gazetteer(text_of(text.encode(encoding), "g.csv"), "g.csv").named("人民路")[0].town == "柳河镇"


def test_bytes_that_are_no_text_are_refused_with_their_line() -> None:
    with pytest.raises(RuleFileWrong) as caught:
        text_of(b"name,kind\n\xff\xff\xff\x00", "g.csv")
    assert caught.value.details["line"] == 2


@pytest.mark.parametrize(
    ("rows", "line", "reason"),
    [
        ("name,colour\n", 1, "colour"),
        ("kind,town\n", 1, "name"),
        ("name,kind,name\n", 1, "twice"),
        ("name,kind\n人民路,road\n人民路,street\n", 3, "street"),
        ("name,kind\n,road\n", 2, "no name"),
        ("name,kind\n路,road\n", 2, "no name"),
        ("name,kind\n人民 路,road\n", 2, "no name"),
        ("name,kind,aliases\n人民路,road,人民大道|,路\n", 2, "cells"),
        ("name,kind,aliases\n人民路,road,一\n", 2, "no name"),
        ("name,kind\n\n\n人民路,road\n人民路,road\n", 5, "line 4"),
        ("name,kind,longitude\n人民路,road,east\n", 2, "degrees"),
        ("name,kind,latitude\n人民路,road,91\n", 2, "earth"),
        ('name,kind\n"人民路,road\n', 2, "end of data"),
        (f"name,kind\n{'长' * 41},road\n", 2, "no name"),
    ],
)
def test_a_wrong_row_is_refused_with_its_line(rows: str, line: int, reason: str) -> None:
    with pytest.raises(RuleFileWrong) as caught:
        read_gazetteer(rows, "gazetteer.csv")
    assert caught.value.details["file"] == "gazetteer.csv"
    assert caught.value.details["line"] == line
    assert reason in str(caught.value)


def test_an_empty_file_has_no_names() -> None:
    assert len(read_gazetteer("", "g.csv")) == 0
    assert len(read_gazetteer(_HEADER, "g.csv")) == 0


def test_the_example_city_has_every_kind_of_place_and_a_community_and_town_for_its_estates() -> None:
    entries = {entry for name in shipped_rules().gazetteer.names for entry in shipped_rules().gazetteer.named(name)}
    assert {entry.kind for entry in entries} == set(PlaceKind)
    assert all(entry.town and entry.community for entry in entries if entry.kind is PlaceKind.COMMUNITY)
    towns = {entry.name for entry in entries if entry.kind is PlaceKind.TOWN}
    assert {entry.town for entry in entries if entry.town} == towns
