"""Blocks of text in which a line is a record, looked at by numpy and parsed in C."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pandas as pd


def cells_per_line(raw: bytes, delimiter: str) -> Any:
    """Return how many cells each line has, None where a quote spans lines or text is odd."""
    data = np.frombuffer(raw, dtype=np.uint8)
    ends = data == 10
    cuts = data == ord(delimiter)
    if b'"' in raw:
        inside = (np.cumsum(data == 34, dtype=np.int64) & 1).astype(bool)
        if inside[ends].any() or not _clean_quotes(data, delimiter):
            return None
        cuts &= ~inside
    starts = np.concatenate(([0], np.flatnonzero(ends)[:-1] + 1))
    return np.add.reduceat(cuts, starts, dtype=np.int32) + 1


def _clean_quotes(data: Any, delimiter: str) -> bool:
    """Return whether every quote opens at the start of a cell and closes at its end."""
    at = np.flatnonzero(data == 34)
    edges = np.isin(data, [10, 34, ord(delimiter)])
    before, after = edges[np.maximum(at[::2] - 1, 0)], edges[at[1::2] + 1]
    return bool((before | (at[::2] == 0)).all() and after.all())


def without_lines(raw: bytes, number: int) -> bytes:
    """Return a block without its first lines."""
    at = 0
    for _ in range(number):
        at = raw.find(b"\n", at) + 1
    return raw[at:]


def blank_lines(raw: bytes, delimiter: str, cells: Any) -> Any:
    """Return which lines hold nothing but cell signs and blanks."""
    ends = np.flatnonzero(np.frombuffer(raw, dtype=np.uint8) == 10)
    starts = np.concatenate(([0], ends[:-1] + 1))
    # A line without a word is hardly longer than its cell signs: only such are looked at.
    blank = (ends - starts) <= 3 * cells
    for at in np.flatnonzero(blank):
        line = raw[starts[at] : ends[at]].decode("utf-8", "replace").replace(delimiter, "")
        blank[at] = not line.replace('"', "").strip()
    return blank


def parse(
    raw: bytes, delimiter: str, width: int, columns: list[int], kinds: dict[int, str]
) -> pd.DataFrame | None:
    """Return the columns wanted of a block of records, None if pandas sees it otherwise."""
    try:
        return pd.read_csv(
            io.BytesIO(raw),
            sep=delimiter,
            header=None,
            names=list(range(width)),
            usecols=columns,
            index_col=False,
            dtype={c: k for c, k in kinds.items() if c in columns},
            na_filter=False,
            skip_blank_lines=False,
            engine="c",
            encoding="utf-8",
            low_memory=False,
        )
    except (ValueError, pd.errors.ParserError, pd.errors.ParserWarning, OverflowError):
        return None


def column(cells: Any) -> Any:
    """Return a column as numbers, a Categorical, or an array of text."""
    if isinstance(cells.dtype, pd.CategoricalDtype):
        return cells.array
    values = cells.to_numpy()
    return values.astype(object) if values.dtype.kind not in "if" else values
