"""Which area does a name or code in a table mean?"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping

from data.catalogue.entries import Area
from data.tables.numerals import plain

_TAIL = re.compile(r"(?:人民政府|街道办事处|办事处|管委会|管理委员会|镇政府|政府)$")
_SHORT = re.compile(r"(?:自治县|新区|街道|区|县|市|镇|乡)$")
_ABOVE = ("广东省", "广东", "guangdong")


class AreaNames:
    """Names, short names and codes of the catalogue, and what a mapping adds."""

    def __init__(self, areas: Mapping[str, Area], extra: Mapping[str, str] | None = None) -> None:
        self._areas = areas
        self._extra = {_key(name): code for name, code in (extra or {}).items()}
        self._names: dict[str, set[str]] = defaultdict(set)
        for area in areas.values():
            for name in self._spellings(area):
                self._names[_key(name)].add(area.code)

    def _spellings(self, area: Area) -> set[str]:
        """Return what an area is called, alone and behind the names of those above it."""
        own = {area.name["zh"], area.name["en"], area.short["zh"]}
        own |= {_SHORT.sub("", n) for n in own if not n.isascii() and len(_SHORT.sub("", n)) > 1}
        if area.level != 1:
            own.add(area.short["en"])
        above = self._areas.get(area.parent or "")
        if above is None:
            return own | {a + n for a in _ABOVE for n in own} | {"全市", "全市合计"}
        return own | {p + n for p in self._spellings(above) for n in (area.name["zh"],)}

    def find(self, text: str) -> str | None:
        """Return the code `text` means; None if it means none, or more than one."""
        key = _key(text.removesuffix(".0"))
        if key in self._extra:
            return self._extra[key]
        code = _code(key)
        if code and code.upper() in self._areas:
            return code.upper()
        found = self._names.get(key) or self._names.get(_TAIL.sub("", key)) or set()
        return next(iter(found)) if len(found) == 1 else None

    def ambiguous(self, text: str) -> list[str]:
        """Return the names of the areas `text` could mean if there are several."""
        found = self._names.get(_key(text)) or set()
        return sorted(self._areas[c].name["zh"] + c for c in found) if len(found) > 1 else []

    def above(self, code: str) -> tuple[str, ...]:
        """Return the areas that hold `code`, nearest first."""
        found, entry = [], self._areas.get(code)
        while entry is not None and entry.parent:
            found.append(entry.parent)
            entry = self._areas.get(entry.parent)
        return tuple(found)

    def level(self, code: str) -> int:
        """Return 1 for the city, 2 for a county, 3 for a town."""
        return self._areas[code].level if code in self._areas else 2

    def inside(self, text: str) -> str | None:
        """Return the most exact area named anywhere in a title, None if none or several."""
        key = _key(text)
        named = {c for n, codes in self._names.items() if len(n) > 1 and n in key for c in codes}
        best = [c for c in named if not any(self._areas[o].parent == c for o in named)]
        return best[0] if len(best) == 1 else None


def _key(text: str) -> str:
    return re.sub(r"[\s·•,，、._-]", "", plain(text)).lower() if text else ""


def _code(key: str) -> str | None:
    """Return a code without the zeros that pad it: 441602000000 is 441602."""
    if re.fullmatch(r"\d{6}|\d{9}|\d{12}", key):
        while len(key) > 6 and key.endswith("000"):
            key = key[:-3]
        return key
    return key if re.fullmatch(r"\d{4}[a-z]{2}", key) else None
