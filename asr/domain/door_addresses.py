"""Addresses down to the door. A street number or a building alone stays readable: handlers must find the place."""

import re
from collections.abc import Iterator

_NUMBER = r"(?:[0-9０-９A-Za-z]+|[零〇一幺二两三四五六七八九十百]+)"
_BETWEEN = r"(?:[\s,，、的]|那个|嗯|呃|额){0,3}"
_BUILDING = rf"{_NUMBER}(?:号楼|号院|栋|幢|座|号栋|#楼?)"
_UNIT = rf"{_NUMBER}(?:个)?单元"
_FLOOR = rf"{_NUMBER}(?:层|楼)"
_ROOM = rf"(?:{_NUMBER}(?:室|号房|房间?|户|号(?!楼|院|线|路|门))|[东西南北中]+户|[左右]手边?)"
_BARE_ROOM = r"(?:[0-9０-９]{3,4}|[零〇一幺二两三四五六七八九]{3,4})(?![0-9零〇一幺二两三四五六七八九年元块个天])"
_DOOR = rf"(?:{_FLOOR}{_BETWEEN}(?:{_ROOM}|{_BARE_ROOM})|{_ROOM}|{_BARE_ROOM})"
_CHAINS = re.compile(
    rf"{_BUILDING}{_BETWEEN}{_UNIT}(?:{_BETWEEN}{_DOOR}|{_BETWEEN}{_FLOOR})?"
    rf"|{_BUILDING}{_BETWEEN}{_DOOR}"
    rf"|{_UNIT}{_BETWEEN}(?:{_DOOR}|{_FLOOR})"
    rf"|{_FLOOR}{_BETWEEN}(?:{_ROOM}|{_BARE_ROOM})"
    r"|(?<![0-9A-Za-z])[0-9０-９]{1,3}[-－—][0-9０-９]{1,2}[-－—][0-9０-９]{2,4}(?![0-9])"
    r"|(?<![0-9A-Za-z])(?:[0-9０-９]{3,4}|[零〇一幺二两三四五六七八九]{3,4})(?:室|号房)"
)


def door_addresses(text: str) -> Iterator[tuple[int, int]]:
    """Characters [start, end) of building, unit and room, of a unit with a floor, or of a room by itself."""
    for found in _CHAINS.finditer(text):
        yield found.span()
