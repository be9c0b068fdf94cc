"""Which column of this table does the mapping mean? A mapping that does not fit says why."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import SequenceMatcher
from functools import lru_cache

from data.connectors.connector import PayloadError
from data.tables.headers import JOIN, Header
from data.tables.numerals import plain

_PLACE = re.compile(r"\[(?:(?P<number>\d{1,5})|(?P<letter>[A-Za-z]{1,3}))\]")
_UNIT = re.compile(r"[(（\[][^()（）\[\]]{1,12}[)）\]]$")
ALIKE = 0.5


class Fit:
    """Finds columns by name and collects those that are missing."""

    def __init__(self, header: Header) -> None:
        self.header = header
        self.missing: list[str] = []
        self._exact: dict[str, list[int]] = {}
        self._loose: dict[str, list[int]] = {}
        for at, name in enumerate(header.names):
            self._exact.setdefault(key_of(name), []).append(at)
            for loose in {key_of(_UNIT.sub("", name)), key_of(name.rsplit(JOIN, 1)[-1])}:
                self._loose.setdefault(loose, []).append(at)

    def column(self, names: Iterable[str]) -> int | None:
        """Return the place of the column called by one of `names`, None if there is none."""
        names = tuple(names)
        for name in names:
            found = self._place(name)
            if found is not None:
                return found
        return None

    def need(self, names: tuple[str, ...]) -> int:
        """Return the place of a column; note it as missing (and return -1) if it is not there."""
        found = self.column(names)
        if found is None:
            self.missing.append(self._lacks(names))
            return -1
        return found

    def optional(self, names: tuple[str, ...]) -> int | None:
        """Return the place of a column that may be absent."""
        return self.column(names) if names else None

    def conclude(self) -> None:
        """Raise PayloadError if a column was missing."""
        if self.missing:
            shown = ", ".join(n for n in self.header.names[:12])
            more = f" and {len(self.header.names) - 12} more" if len(self.header.names) > 12 else ""
            said = "; ".join(dict.fromkeys(self.missing))
            raise PayloadError(f"the mapping does not fit: {said}. The table has: {shown}{more}")

    def _place(self, name: str) -> int | None:
        told = _PLACE.fullmatch(name)
        if told:
            at = int(told["number"]) - 1 if told["number"] else _letter(told["letter"])
            return at if 0 <= at < len(self.header.names) else None
        doubled = self.header.doubled.get(name)
        if doubled:
            words = f"column {name!r} stands {len(doubled)} times"
            self.missing.append(f"{words}: say which by its place, such as [1], or {doubled[1]!r}")
            return -1
        for known in (self._exact, self._loose):
            found = known.get(key_of(name), [])
            if len(found) == 1:
                return found[0]
        return None

    def _lacks(self, names: tuple[str, ...]) -> str:
        wanted = " or ".join(repr(n) for n in names)
        alike = self.alike(names)
        guess = f" (looks like it: {', '.join(alike)})" if alike else ""
        return f"there is no column {wanted}{guess}"

    def alike(self, names: tuple[str, ...]) -> list[str]:
        """Return up to three column names that look like one of `names`, best first."""
        scored = [
            (max(_likeness(key_of(n), key_of(have)) for n in names), have)
            for have in self.header.names[:2000]
        ]
        best = sorted((s for s in scored if s[0] >= ALIKE), key=lambda s: -s[0])[:3]
        return [name for _, name in best]


def _likeness(one: str, other: str) -> float:
    if one and other and (one in other or other in one):
        return 0.75 + 0.25 * min(len(one), len(other)) / max(len(one), len(other))
    return SequenceMatcher(None, one, other).ratio()


@lru_cache(maxsize=16384)
def key_of(name: str) -> str:
    """Return a column name without what people write differently: width, case, blanks."""
    return re.sub(r"[\s_\-]", "", plain(name)).lower()


def _letter(text: str) -> int:
    place = 0
    for sign in text.upper():
        place = place * 26 + ord(sign) - 64
    return place - 1
