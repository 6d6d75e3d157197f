from asr.domain.reading.gazetteer import Gazetteer, GazetteerEntry, PlaceKind

_ROAD_IN_ONE = GazetteerEntry("人民路", PlaceKind.ROAD, town="柳河镇")
_ROAD_IN_OTHER = GazetteerEntry("人民路", PlaceKind.ROAD, town="石桥镇")
_HOSPITAL = GazetteerEntry("第一人民医院", PlaceKind.POI, aliases=("市一院", "人民医院"))
_GAZETTEER = Gazetteer([_ROAD_IN_ONE, _ROAD_IN_OTHER, _HOSPITAL])


def test_a_name_may_stand_for_several_places() -> None:
    assert _GAZETTEER.named("人民路") == (_ROAD_IN_ONE, _ROAD_IN_OTHER)


def test_an_alias_leads_to_the_same_place() -> None:
    assert _GAZETTEER.named("市一院") == _GAZETTEER.named("第一人民医院") == (_HOSPITAL,)
    assert "市一院" in _GAZETTEER
    assert _GAZETTEER.named("二院") == ()


def test_the_longest_name_at_a_place_is_meant() -> None:
    assert _GAZETTEER.longest_at("在第一人民医院", 1) == "第一人民医院"
    assert _GAZETTEER.longest_at("在第一人民医院", 3) == "人民医院"
    assert _GAZETTEER.longest_at("在第一人民医院", 0) == ""
    assert _GAZETTEER.longest_at("人民", 0) == ""


def test_names_and_aliases_are_listed_once() -> None:
    assert list(_GAZETTEER.names) == ["人民路", "第一人民医院", "市一院", "人民医院"]
    assert len(_GAZETTEER) == 4


def test_an_empty_gazetteer_knows_nothing() -> None:
    assert not Gazetteer()
    assert Gazetteer().longest_at("人民路") == ""
    assert Gazetteer().sounding_like(["ren2"]) == set()
