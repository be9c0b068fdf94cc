"""The heavy parts of a weekly page, drawn once for all its readers."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import Any

import orjson
from plotly.io.json import to_json_plotly

from components.review_ids import WeekView
from components.review_page import heavy_parts
from data.vocabulary.review import Review

MOST = 48
"""Pages kept by a process: a few weeks of the city and its counties in both languages."""
Key = tuple[str, str, str, str, float]


class Kept:
    """What was drawn, as the JSON that goes out: a second reader costs next to nothing.

    A fragment goes through Dash's own encoder as it is; it is made from components, by the same
    encoder, so the browser gets what it would have got.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most, self._lock = most, Lock()
        self._kept: OrderedDict[Key, list[Any]] = OrderedDict()

    def parts(self, review: Review, view: WeekView, lang: str) -> list[Any]:
        """Return the parts of a review in a language; drawn anew when it was made anew."""
        key = (review["week"], review["area"], lang, review["mark"], review["as_of"])
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
                return found
        drawn = [orjson.Fragment(to_json_plotly(part)) for part in heavy_parts(review, view)]
        with self._lock:
            self._kept[key] = drawn
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return drawn
