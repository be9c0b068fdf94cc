"""Whether a text holds a word, by bytes: LIKE walks letter by letter and is twice as dear."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import Boolean, ColumnElement, String, and_, literal, or_
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class _Holds(FunctionElement[bool]):
    """(text, word) -> bool, as it is written."""

    type = Boolean()
    inherit_cache = True
    name = "holds"


class _HoldsFolded(_Holds):
    """The same, ASCII capitals as small letters; the word is folded already."""

    inherit_cache = True
    name = "holds_folded"


def holds(text: ColumnElement[Any], word: str) -> ColumnElement[bool]:
    """Return that a text holds a word, whatever its ASCII letters are: capitals or not."""
    if any(letter.isascii() and letter.isalpha() for letter in word):
        folded = "".join(x.lower() if x.isascii() else x for x in word)
        whole = _HoldsFolded(text, literal(folded, String))
        return and_(or_(*[_Holds(text, literal(x, String)) for x in _must(folded)]), whole)
    return _Holds(text, literal(word, String))


def _must(folded: str) -> tuple[str, ...]:
    """Return texts one of which is wherever the word is, however it is written.

    To fold a text is three times as dear as to look into it, and most hold no such letter: what
    has no capitals comes first, the longest of it, or else the rarest letter of the word.
    """
    plain = max(_PLAIN.findall(folded), key=len, default="")
    if len(plain) > 1:
        return (plain,)
    letter = min((x for x in folded if x.isascii() and x.isalpha()), key=_RARE.index)
    return letter, letter.upper()


_PLAIN = re.compile(r"[^a-z]+")
_RARE = "qjxzwkvfybhgmpudclotnraise"
"""Letters, the rarest first."""


@compiles(_Holds)
def _plain(element: _Holds, compiler: Any, **kw: Any) -> str:
    return _written(element, compiler, "strpos({}, {}) > 0", kw)


@compiles(_Holds, "sqlite")
def _plain_sqlite(element: _Holds, compiler: Any, **kw: Any) -> str:
    return _written(element, compiler, "instr({}, {}) > 0", kw)


@compiles(_HoldsFolded)
def _folded(element: _HoldsFolded, compiler: Any, **kw: Any) -> str:
    return _written(element, compiler, 'strpos(lower({} collate "C"), {}) > 0', kw)


@compiles(_HoldsFolded, "sqlite")
def _folded_sqlite(element: _HoldsFolded, compiler: Any, **kw: Any) -> str:
    return _written(element, compiler, "instr(lower({}), {}) > 0", kw)


def _written(element: _Holds, compiler: Any, form: str, kw: dict[str, Any]) -> str:
    text, word = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"({form.format(text, word)})"
