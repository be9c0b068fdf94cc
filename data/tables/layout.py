"""Where does the table begin and end inside a sheet? Title, header, data, totals, notes."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from statistics import median
from typing import Any

from data.catalogue.mapping import NOTES, TOTALS
from data.tables.grid import Grid, is_blank, text_of
from data.tables.moments import MomentError, read_span
from data.tables.numerals import is_number, plain, read_number

_UNIT = re.compile(
    "(?:单位[:：]?)?(?:万人|人|人次|万人次|元|万元|亿元|%|‰|起|件|次|个|户|万户|张|辆|吨|万吨|公里|天"
    "|小时|分钟|平方米|平方公里)"
)
LOOKED_AT = 400
"""Rows from the top within which a header must begin."""


@dataclass
class Layout:
    """Rows by their use, numbered as in the file. header is empty when there is none."""

    header: list[int] = field(default_factory=list)
    preamble: list[int] = field(default_factory=list)
    data: list[int] = field(default_factory=list)
    totals: list[int] = field(default_factory=list)
    notes: list[int] = field(default_factory=list)
    blank: list[int] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)

    @property
    def first(self) -> int | None:
        """The first row that is data or a total, None if there is none."""
        return min([*self.data, *self.totals], default=None)


def kind_of(cell: Any) -> str:
    """Return "" for blank, n for a number, y for a bare year, d for a date, t for text."""
    if is_blank(cell):
        return ""
    if isinstance(cell, bool):
        return "t"
    if isinstance(cell, int | float):
        return "y" if 1900 <= cell <= 2100 and float(cell).is_integer() else "n"
    if isinstance(cell, datetime):
        return "d"
    return _kind_of_text(plain(str(cell)))


@lru_cache(maxsize=65536)
def _kind_of_text(text: str) -> str:
    if re.fullmatch(r"(19|20)\d\d(\.0)?", text):
        return "y"
    if is_number(text):
        return "n"
    if len(text) > 40 or not any(c.isdigit() for c in text):
        return "t"
    try:
        read_span(text)
    except MomentError as error:
        return "d" if error.reason == "ambiguous_date" else "t"
    return "d"


def find_layout(grid: Grid, header: tuple[int, ...] | None = None) -> Layout:
    """Return the use of every row. header: rows known from a mapping."""
    found = Layout()
    filled = {n: [kind_of(c) for c in grid.rows[n]] for n in grid.rows}
    filled = {n: kinds for n, kinds in filled.items() if any(kinds)}
    if header is None:
        found.header = _header(grid, filled, found)
    else:
        found.header = [n for n in header if n in filled]
        if len(found.header) < len(header):
            found.doubts.append("a header row of the mapping is empty here")
    top = max(found.header, default=0)
    start = min(found.header, default=min(filled, default=1))
    found.preamble = [n for n in filled if n < start]
    body = [n for n in filled if n > top]
    _sort_body(grid, filled, body, found)
    last = max([*body, top], default=0)
    inside = range(1, max(last, grid.last) + 1)
    found.blank = [n for n in inside if n not in filled and n > (min(filled, default=1))]
    return found


def _header(grid: Grid, filled: dict[int, list[str]], found: Layout) -> list[int]:
    """Return the header rows: the row above the first that looks like the body, and above it."""
    rows = [n for n in sorted(filled) if not _comment(grid, n)][:LOOKED_AT]
    widths = [_count(filled[n]) for n in rows if _count(filled[n]) > 1]
    if not widths:
        return rows[:1]
    usual = max(median(widths), 0.5 * max(widths))
    least = max(min(2, grid.width), 0.5 * usual)
    best = None
    for at, n in enumerate(rows):
        if best is not None and _numbers(filled[n]) and not _header_like(filled[n]):
            break
        if _count(filled[n]) < least or not _header_like(filled[n]):
            continue
        below = [b for b in rows[at + 1 : at + 4] if _count(filled[b]) > 1]
        fuller = best is None or _count(filled[n]) > _count(filled[rows[best]])
        if fuller and any(_numbers(filled[b]) for b in below):
            best = at
    if best is not None:
        return _upward(grid, filled, rows, _lowest(grid, filled, rows, best), found)
    wide = [n for n in rows if _count(filled[n]) >= 0.5 * max(widths)]
    if _numbers(filled[wide[0]]) and not _header_like(filled[wide[0]]):
        found.doubts.append("no header row was found: columns are named by their place")
        return []
    if len(rows) > 1:
        found.doubts.append("no column holds numbers or dates: is this a form to fill in?")
    return [wide[0]]


def _lowest(grid: Grid, filled: dict[int, list[str]], rows: list[int], at: int) -> int:
    """Return the place of the last header row: groups first, names below, units under them."""
    while at + 1 < len(rows):
        kinds, below = filled[rows[at]], filled[rows[at + 1]]
        if rows[at + 1] != rows[at] + 1 or _numbers(below):
            break
        under = [text_of(c) for c in grid.row(rows[at + 1])]
        units = all(not u or _is_unit(u) for u in under)
        gaps = sum(not a and bool(b) for a, b in zip(kinds, [*below], strict=False))
        more = gaps >= 1 and _count(below) >= 2 and len(kinds) >= 2
        spans = _merged_at(grid, rows[at])
        if not (units or spans or (more and "" in kinds[1:])):
            break
        at += 1
    return at


def _upward(
    grid: Grid, filled: dict[int, list[str]], rows: list[int], at: int, found: Layout
) -> list[int]:
    """Return the header rows that end at place `at`, with the group rows above."""
    header = [rows[at]]
    while at > 0:
        above = rows[at - 1]
        kinds, cells = filled[above], [text_of(c) for c in grid.row(above) if not is_blank(c)]
        title = any(c.rstrip().endswith((":", "：")) or "：" in c for c in cells)
        wide = any(m[3] - m[1] + 1 >= 0.8 * grid.width for m in _spans(grid, above))
        group = _count(kinds) >= 2 or (bool(_spans(grid, above)) and not wide)
        if above != header[0] - 1 or title or not group or _numbers(kinds) or _comment(grid, above):
            break
        header.insert(0, above)
        at -= 1
    if len(header) > 1:
        found.doubts.append(f"the header takes {len(header)} rows; names are joined by ' / '")
    return header


def _spans(grid: Grid, row: int) -> list[tuple[int, int, int, int]]:
    return [m for m in grid.merged if m[0] <= row <= m[2] and m[3] > m[1]]


def _merged_at(grid: Grid, row: int) -> bool:
    """Return whether a merge says that the header goes on below `row`."""
    wide = [m for m in _spans(grid, row) if m[2] == row and m[3] - m[1] + 1 < 0.8 * grid.width]
    return bool(wide) or any(m[0] <= row < m[2] for m in grid.merged)


def _count(kinds: Iterable[str]) -> int:
    return sum(1 for k in kinds if k)


def _numbers(kinds: list[str]) -> int:
    return sum(k in "nd" for k in kinds if k) + sum(k == "y" for k in kinds[:1])


def _header_like(kinds: list[str]) -> bool:
    """Names and, in a header of periods, years or months; never a plain number."""
    said = [k for k in kinds if k]
    periods = sum(k in "yd" for k in said)
    return "n" not in said and (periods == 0 or kinds[0] in ("t", ""))


def _is_unit(text: str) -> bool:
    text = plain(text).strip("()（）[]")
    return bool(_UNIT.fullmatch(text))


def _comment(grid: Grid, row: int) -> bool:
    cells = [text_of(c) for c in grid.rows[row] if not is_blank(c)]
    return bool(cells) and cells[0].startswith("#") and len(cells) == 1 and len(cells[0]) > 1


# ---- below the header ----


def _sort_body(grid: Grid, filled: dict[int, list[str]], body: list[int], found: Layout) -> None:
    """Share the rows below the header out to data, totals and notes."""
    counts = [_count(filled[n]) for n in body]
    usual = median([c for c in counts if c > 1] or [1])
    last_full = max(
        (n for n, c in zip(body, counts, strict=True) if c > max(1, usual / 3)), default=0
    )
    for n in body:
        cells = [text_of(c) for c in grid.rows[n]]
        if _is_note(cells, usual, foot=n > last_full, numbers=_numbers(filled[n])):
            found.notes.append(n)
        elif is_total(cells):
            found.totals.append(n)
        else:
            found.data.append(n)
    summed = [n for n in arithmetic_totals(grid, found.data) if n not in found.totals]
    found.data = [n for n in found.data if n not in summed]
    found.totals = sorted([*found.totals, *summed])


def _is_note(cells: list[str], usual: float, *, foot: bool, numbers: int) -> bool:
    said = [c for c in cells if c]
    if starts_note(said[0]) and len(said) <= max(2.0, usual / 2) and not numbers:
        return True
    if foot and usual >= 2 and len(said) <= max(1.0, usual / 3) and not numbers:
        return True
    # A row of its own between data rows: the heading of a section.
    return usual >= 4 and len(said) == 1 and not numbers


@lru_cache(maxsize=4096)
def starts_note(text: str, words: tuple[str, ...] = NOTES) -> bool:
    """Return whether a line of text begins like a foot note; a code such as #12 does not."""
    low = plain(text).lower().lstrip("（(*")
    for word in (plain(w).lower() for w in words):
        if low.startswith(word):
            after = low[len(word) : len(word) + 1]
            if not word.isascii() or word == "#" or not after or not after.isalnum():
                return True
    return False


def is_total(cells: list[str], words: tuple[str, ...] = TOTALS) -> bool:
    """Return whether one of the first labels of a row says that it adds up others."""
    labels = [c for c in cells if c and kind_of(c) == "t"][:3]
    return any(is_total_word(c, words) for c in labels)


@lru_cache(maxsize=65536)
def is_total_word(label: str, words: tuple[str, ...] = TOTALS) -> bool:
    """Return whether a label is one of the words for a total, with a place or a colon around it."""
    low = re.sub(r"[\s:：*（）()]", "", plain(label)).lower()
    plain_words = _packed(words)
    if low in plain_words:
        return True
    chinese = tuple(w for w in plain_words if not w.isascii())
    return len(low) <= 14 and bool(chinese) and low.endswith(chinese) and not low.startswith("累计")


@lru_cache(maxsize=64)
def _packed(words: tuple[str, ...]) -> frozenset[str]:
    return frozenset(re.sub(r"\s", "", plain(w)).lower() for w in words)


def arithmetic_totals(grid: Grid, rows: list[int], decimal: str = ".") -> list[int]:
    """Return rows that are the sum of all other rows, column by column.

    Only rows with fewer labels than the others are candidates: a value may be a sum by chance.
    """
    if not 4 <= len(rows) <= 5000:
        return []
    table = {n: [_number(c, decimal) for c in grid.row(n)] for n in rows}
    labels = {n: sum(kind_of(c) == "t" for c in grid.rows[n]) for n in rows}
    usual = Counter(labels.values()).most_common(1)[0][0]
    sums = [math.fsum(v for v in (table[n][c] for n in rows) if v == v) for c in range(grid.width)]
    found = []
    for n in (n for n in rows if labels[n] < usual):
        mine = table[n]
        told = [
            c for c, v in enumerate(mine) if v == v and v != 0 and _addends(table, rows, n, c) >= 3
        ]
        equal = [c for c in told if math.isclose(sums[c] - mine[c], mine[c], rel_tol=1e-9)]
        if equal and (len(equal) >= 2 or len(equal) == len(told)):
            found.append(n)
    return found if len(found) == 1 else []


def _addends(table: dict[int, list[float]], rows: list[int], but: int, column: int) -> int:
    return sum(table[n][column] == table[n][column] for n in rows if n != but)


def _number(cell: Any, decimal: str) -> float:
    if isinstance(cell, bool) or is_blank(cell) or isinstance(cell, datetime):
        return math.nan
    if isinstance(cell, int | float):
        return float(cell)
    found = read_number(str(cell), decimal)
    return found[0] if found else math.nan
