"""The sheet of a weekly page, drawn once for all who see the same of it."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Any

import orjson
from dash import html
from plotly.io.json import to_json_plotly

from components.as_html import packed
from components.review_page import (
    House,
    Shown,
    body_parts,
    end_parts,
    lower_parts,
    upper_parts,
)

MOST_BYTES = 16_000_000
"""What a process keeps of pages: a few weeks of the city and its counties in both languages."""
NOTHING = (0, orjson.Fragment(b"null"))


class Kept:
    """Parts as the JSON that goes out: a second reader costs next to nothing.

    A fragment passes Dash's own encoder as it is; it is made by the same encoder, so the browser
    gets what it would have got. What only is read is HTML text, see `components/as_html.py`.
    """

    def __init__(self, most: int = MOST_BYTES) -> None:
        self._most, self._held, self._lock = most, 0, Lock()
        self._kept: OrderedDict[tuple[Any, ...], tuple[int, orjson.Fragment]] = OrderedDict()

    def sheet(self, shown: Shown, house: House, lang: str) -> list[Any]:
        """Return the sheet of a page in the language spoken now, named by `lang`."""
        review = shown.review
        if review is None:
            return []
        seen = (lang, review["week"], review["area"], review["mark"], review["as_of"])
        told = _print(shown.minutes)
        mine = (*seen, told, shown.rights.key())
        late = (*seen, told, tuple(c["no"] for c in shown.late.cases), shown.late.elsewhere)
        return [
            self._part(("upper", *mine), lambda: _live(shown, house)),
            self._part(("body", *seen), lambda: packed(body_parts(review, shown.view), "parts")),
            self._part(("lower", *late), lambda: packed(lower_parts(shown), "parts")),
            self._part(("end", *seen), lambda: packed(end_parts(review), "parts")),
        ]

    def _part(self, key: tuple[Any, ...], draw: Callable[[], Any]) -> orjson.Fragment:
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
                return found[1]
        drawn = to_json_plotly(draw()).encode()
        made = len(drawn), orjson.Fragment(drawn)
        with self._lock:
            self._held += made[0] - self._kept.pop(key, NOTHING)[0]
            self._kept[key] = made
            while self._held > self._most and len(self._kept) > 1:
                self._held -= self._kept.popitem(last=False)[1][0]
        return made[1]


def _live(shown: Shown, house: House) -> html.Div:
    return html.Div(upper_parts(shown, house), className="parts")


def _print(told: Any) -> str:
    return hashlib.blake2b(orjson.dumps(told), digest_size=12).hexdigest()
