"""Which entries of the catalogue look like a code or a name that is not there?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

MOST = 3
LONGEST = 80


def did_you_mean(asked: object, entries: Mapping[str, Any]) -> str:
    """Return "did you mean 441602 源城区, …?", "" if nothing looks like what was asked."""
    low = str(asked).strip().casefold()[:LONGEST]
    found = _nearest(low, tuple(_spellings(entries)))
    named = ", ".join(f"{code} {_name(entries[code])}".strip() for code in found)
    return f"did you mean {named}?" if named else ""


def _spellings(entries: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """Yield every code and every name, folded, with its code."""
    for code, entry in entries.items():
        names = getattr(entry, "name", None) or {}
        short = getattr(entry, "short", None) or {}
        for word in (code, *names.values(), *short.values()):
            yield str(word).casefold(), code


def _name(entry: Any) -> str:
    names = getattr(entry, "name", None) or {}
    return str(names.get("zh", ""))


def _bare(word: str) -> str:
    return "".join(sign for sign in word if sign not in "-_. ")


@lru_cache(maxsize=4096)  # a file says the same wrong code in every row
def _nearest(asked: str, spelled: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    if not asked:
        return ()
    codes: dict[str, str] = {}
    for word, code in spelled:
        codes.setdefault(word, code)
    exact = [word for word in codes if _bare(word) == _bare(asked)]
    within = [w for w in codes if len(asked) > 1 and (asked in w or (len(w) > 1 and w in asked))]
    close = get_close_matches(asked, codes, n=MOST * 2, cutoff=0.6)
    return tuple(dict.fromkeys(codes[w] for w in (*exact, *within[:MOST], *close)))[:MOST]
