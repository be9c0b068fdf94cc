"""What a table of an export holds, before it is a workbook or a document."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from components.formats import MISSING, number

LONGEST = 4000
"""Letters of one cell; a workbook takes 32 767, a reader far fewer."""


@dataclass(frozen=True)
class Cell:
    """One cell. text: as it stands on the screen; value: the same as a number, where it is one.

    href: address of the evidence; strong: printed bold.
    """

    text: str
    value: float | None = None
    decimals: int = 0
    href: str = ""
    strong: bool = False


@dataclass(frozen=True)
class Column:
    """One column.

    width: letters in a workbook; paper: share of the printed width, 0: not printed.
    """

    head: str
    width: int = 12
    paper: int = 0
    numeric: bool = False


@dataclass(frozen=True)
class Sheet:
    """One table with its name, what is said above it, and its rows as long as its columns.

    empty: what stands instead of rows.
    """

    key: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    notes: Sequence[str] = ()
    empty: str = ""


def say(text: str, *, href: str = "", strong: bool = False) -> Cell:
    """Return a cell of words."""
    return Cell(clean(text), href=href, strong=strong)


def figure(value: float | None, decimals: int = 0, *, instead: str = "", href: str = "") -> Cell:
    """Return a cell of a number, rounded as it is shown; instead: the word for what is missing."""
    if value is None or not math.isfinite(value):
        return Cell(clean(instead) or MISSING, href=href)
    shown = float(f"{value:.{decimals}f}") + 0.0
    return Cell(number(value, decimals), shown, decimals, href)


def clean(text: str) -> str:
    """Return a text that every file format takes: no control letters, half pairs or odd ends."""
    kept = (c for c in text[:LONGEST] if c == "\n" or unicodedata.category(c) not in _NEVER)
    return "".join(kept)


_NEVER = frozenset({"Cc", "Cs", "Cn"})
