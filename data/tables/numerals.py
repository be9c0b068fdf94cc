"""What number does a cell write? Full-width digits, separators, signs and Chinese magnitudes."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import pandas as pd

from data.catalogue.mapping import MISSING, SUPPRESSED

OK, ABSENT, HIDDEN, BAD = 0, 1, 2, 3
"""State of a cell: a number, missing, suppressed, or not a number."""

_MAGNITUDES = {
    "%": 0.01, "‰": 0.001, "百": 1e2, "千": 1e3, "万": 1e4, "十万": 1e5, "百万": 1e6,
    "千万": 1e7, "亿": 1e8, "万亿": 1e12, "percent": 0.01, "per cent": 0.01, "thousand": 1e3,
    "thousands": 1e3, "million": 1e6, "millions": 1e6, "billion": 1e9, "'000": 1e3, "000s": 1e3,
}  # fmt: skip
_COUNTED = (
    "人次|人|元|起|件|次|个|户|张|辆|吨|公里|天|日|小时|分钟|宗|例|名|家|所|条|艘|床|台|套|亩"
)
_UNIT_START = re.compile(r"^(十万|百万|千万|万亿|百(?!分)|千(?![瓦克米卡伏])|万|亿|%|‰)")
_NUMBER = re.compile(
    r"(?P<sign>[+-]?)(?P<money>[¥$£€]?)(?P<digits>\d{1,3}(?:[,' ]\d{3})+(?:\.\d*)?|\d+\.?\d*|\.\d+)"
    r"(?P<exp>[eE][+-]?\d{1,3})?(?P<after>-?)"
    rf"(?P<magnitude>十万|百万|千万|万亿|百|千|万|亿|%|‰)?(?P<counted>{_COUNTED})?"
)
_FEW = re.compile(r"(<|≤|<=|少于|小于|不足)\d{1,3}")


@dataclass(frozen=True)
class Numerals:
    """How one table writes numbers. zero_missing: a zero stands for "not known"."""

    decimal: str = "."
    missing: tuple[str, ...] = MISSING
    suppressed: tuple[str, ...] = SUPPRESSED
    zero_missing: bool = False

    @cached_property
    def _words(self) -> tuple[frozenset[str], frozenset[str]]:
        hidden = frozenset(plain(w).lower() for w in self.suppressed)
        return frozenset(plain(w).lower() for w in self.missing) - hidden, hidden

    def read(self, cell: Any, factor: float = 1.0) -> tuple[float, int]:
        """Return the number of one cell times `factor`, and its state; NaN unless OK.

        A sign or magnitude in the cell itself (5%, 3.2万) replaces `factor`.
        """
        if isinstance(cell, bool):
            return math.nan, BAD
        if isinstance(cell, int | float):
            if not math.isfinite(cell):
                return math.nan, ABSENT if math.isnan(cell) else BAD
            return self._zero(float(cell) * factor)
        text = plain(str(cell)) if cell is not None else ""
        low = text.lower()
        missing, hidden = self._words
        if low in missing or not low:
            return math.nan, ABSENT
        if low in hidden or _FEW.fullmatch(low):
            return math.nan, HIDDEN
        value = read_number(text, self.decimal)
        if value is None:
            return math.nan, BAD
        return self._zero(value[0] * (value[1] if value[1] is not None else factor))

    def _zero(self, value: float) -> tuple[float, int]:
        if self.zero_missing and value == 0:
            return math.nan, ABSENT
        return (value, OK) if math.isfinite(value) else (math.nan, BAD)

    def column(self, cells: Any, factor: float = 1.0) -> tuple[Any, Any]:
        """Return (float64 values, int8 states) of a column of cells."""
        cells = np.asarray(cells)
        if cells.dtype.kind in "if":
            values = cells.astype(np.float64)
        else:
            values = _plain_floats(cells, self.decimal)
        good = np.isfinite(values)
        values = values * factor
        states = np.zeros(len(values), dtype=np.int8)
        if self.zero_missing:
            good &= values != 0
        if not good.all():
            self._one_by_one(cells, np.flatnonzero(~good), factor, values, states)
        return values, states

    def _one_by_one(self, cells: Any, places: Any, factor: float, values: Any, states: Any) -> None:
        known: dict[Any, tuple[float, int]] = {}
        for place in places:
            cell = cells[place]
            cell = cell.item() if isinstance(cell, np.generic) else cell
            key = (type(cell), cell)
            if key not in known:
                known[key] = self.read(cell, factor)
            values[place], states[place] = known[key]


def _plain_floats(cells: Any, decimal: str) -> Any:
    """Return the cells that are plain decimal numbers, NaN for all others."""
    if decimal != ".":
        return np.full(len(cells), math.nan)
    try:
        odd = "_" in "".join(cells)
    except TypeError:  # cells of a workbook
        odd = True
    try:
        values = cells.astype(np.float64)
    except (ValueError, TypeError):
        values = np.array(pd.to_numeric(pd.Series(cells, dtype=object), errors="coerce"))
        values = values.astype(np.float64)
    # What Python takes for a number and a clerk does not.
    for place, cell in enumerate(cells) if odd else ():
        if (isinstance(cell, str) and "_" in cell) or isinstance(cell, bool):
            values[place] = math.nan
    return values


def plain(text: str) -> str:
    """Return `text` with full-width forms made narrow and trimmed of blanks of every kind."""
    if text.isascii():
        return text.strip()
    return unicodedata.normalize("NFKC", text).strip("\u200b\ufeff \t\r\n\xa0")


@lru_cache(maxsize=65536)
def read_number(text: str, decimal: str = ".") -> tuple[float, float | None] | None:
    """Return (number, factor its own sign gives or None), None if it is no number."""
    text, negative = (
        plain(text).replace("−", "-").replace("\u2009", " ").replace("\xa0", " "),
        False,
    )
    if text.startswith("(") and text.endswith(")"):
        text, negative = text[1:-1].strip(), True
    if decimal == ",":
        text = text.replace(".", "\x00").replace(",", ".").replace("\x00", ",")
    found = _NUMBER.fullmatch(text.replace("- ", "-"))
    if not found or (found["after"] and found["sign"]):
        return None
    digits = re.sub("[,' ]", "", found["digits"])
    value = float(digits + (found["exp"] or ""))
    negative ^= found["sign"] == "-" or bool(found["after"])
    factor = _MAGNITUDES[found["magnitude"]] if found["magnitude"] else None
    return (-value if negative else value), factor


def unit_factor(unit: str) -> float:
    """Return what one of `unit` is in single things: 万人 -> 10000, % -> 0.01, 起 -> 1."""
    text = plain(unit).lower().strip("()（）[] ")
    if text in _MAGNITUDES:
        return _MAGNITUDES[text]
    found = _UNIT_START.match(text)
    if found:
        return _MAGNITUDES[found[1]]
    return 0.01 if text.startswith("百分") else _MAGNITUDES.get(text.split(" ")[0], 1.0)


def is_number(text: str) -> bool:
    """Return whether a cell writes a number with either decimal sign."""
    return read_number(text) is not None or read_number(text, ",") is not None


def decimal_of(cells: Iterable[str]) -> tuple[str, bool]:
    """Return (the decimal sign a column seems to use, whether that is in doubt)."""
    comma = point = unsure = 0
    for cell in cells:
        text = plain(cell)
        dot, com = read_number(text) is not None, read_number(text, ",") is not None
        if com and not dot:
            comma += 1
        elif dot and not com:
            point += 1
        elif "," in text:
            unsure += 1
    return ("," if comma > point else "."), bool(unsure and not comma and not point)
