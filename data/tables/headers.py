"""What are the columns called? Merged and multi-row headers, doubles, units."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from data.tables.grid import Grid, is_blank, text_of
from data.tables.layout import Layout, _is_unit
from data.tables.numerals import plain

JOIN = " / "
_UNIT = re.compile(r"[(（\[【]\s*(?:单位[:：])?\s*([^()（）\[\]【】]{1,12})\s*[)）\]】]\s*$")
_SHEET_UNIT = re.compile(r"(?<![\u4e00-\u9fff])(?:计量)?单位\s*[:：]\s*([^\s,，;；:：()（）]{1,8})")


@dataclass(frozen=True)
class Header:
    """Names of all columns by place, distinct; said tells which were changed to be so."""

    names: tuple[str, ...]
    units: tuple[str, ...]
    doubled: dict[str, list[str]]
    blank: tuple[int, ...]
    title: str
    unit: str


def read_header(grid: Grid, layout: Layout) -> Header:
    """Return the names and units of the columns of a sheet."""
    columns = [_column(grid, layout.header, c) for c in range(grid.width)]
    names, units = [], []
    for parts in columns:
        unit = next((u for u in reversed(parts) if _is_unit(u)), "") if len(parts) > 1 else ""
        parts = [p for p in parts if not (unit and p == unit)]
        name = JOIN.join(dict.fromkeys(parts))
        found = _UNIT.search(name)
        names.append(name)
        own = found[1] if found and _likely(found[1]) else name[-1:] if name[-1:] in "%‰" else ""
        units.append(plain(unit).strip("()") or own)
    blank = tuple(at for at, name in enumerate(names) if not name)
    named = [name or f"column {at + 1}" for at, name in enumerate(names)]
    distinct, doubled = _distinct(named)
    above = [text_of(c) for n in layout.preamble for c in grid.rows[n] if not is_blank(c)]
    title = " ".join(above)
    unit_said = _SHEET_UNIT.search(plain(title))
    return Header(
        tuple(distinct),
        tuple(units),
        doubled,
        blank,
        title,
        unit_said[1] if unit_said and _likely(unit_said[1]) else "",
    )


def _likely(text: str) -> bool:
    return _is_unit(text) or bool(re.match(r"[十百千]?[万亿%‰]|[a-zA-Z%°µ/²³]{1,6}$", text))


def _column(grid: Grid, header: Sequence[int], column: int) -> list[str]:
    """Return the words above a column, from the top; a merged cell stands over all it covers."""
    parts = []
    for at, row in enumerate(header):
        text = _covering(grid, row, column)
        if not text and at < len(header) - 1:
            text = _group(grid, header, at, column)
        if text:
            parts.append(" ".join(text.split()))
    return parts


def _covering(grid: Grid, row: int, column: int) -> str:
    for first, left, last, right in grid.merged:
        if first <= row <= last and left <= column <= right:
            return text_of(grid.row(first)[left])
    return text_of(grid.row(row)[column])


def _group(grid: Grid, header: Sequence[int], at: int, column: int) -> str:
    """Return the group name to the left where a text file lost its merges."""
    if grid.merged or not text_of(grid.row(header[at + 1])[column]):
        return ""
    for left in range(column - 1, 0, -1):
        text = text_of(grid.row(header[at])[left])
        if text:
            # A column whose own second row is empty is a name over both rows, not a group.
            return text if text_of(grid.row(header[at + 1])[left]) else ""
    return ""


def _distinct(names: list[str]) -> tuple[list[str], dict[str, list[str]]]:
    counts, seen, result = Counter(names), Counter[str](), []
    doubled: dict[str, list[str]] = {}
    for name in names:
        seen[name] += 1
        own = name if seen[name] == 1 else f"{name} ({seen[name]})"
        while own != name and own in counts:
            own += "'"
        if counts[name] > 1:
            doubled.setdefault(name, []).append(own)
        result.append(own)
    return result, doubled
