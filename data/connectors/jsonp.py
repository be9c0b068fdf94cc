"""Takes the JSON out of the script it is wrapped in: `var x = {...};` or `callback({...})`.

Several assignments in one file are several values; what they have in common is for the reader
to say.
"""

from __future__ import annotations

import re
from typing import Any

from data.connectors.connector import Options, PayloadError, refuse_oversize
from data.connectors.csv_text import csv_text
from data.connectors.json_document import load_first, load_json

_NAME = r"[A-Za-z_$][\w$]*(?:\s*(?:\.\s*[A-Za-z_$][\w$]*|\[\s*['\"\d][^\]\n]{0,60}\]))*"
_VARIABLE = re.compile(rf"(?:(?:var|let|const)\s+)?{_NAME}\s*=\s*(?=[\[{{])")
_CALL = re.compile(rf"(?:{_NAME}\s*&&\s*)?{_NAME}\s*\(\s*(?=[\[{{])")
_NEXT = re.compile(r"[\s;]*(?:(?:/\*[^*]{0,200}\*/|//[^\n]{0,200}(?:\n|$))[\s;]*)*")
_SCALAR = re.compile(
    rf"(?:(?:var|let|const)\s+)?{_NAME}\s*=\s*"
    r"(?:\"[^\"\\\n]{0,400}\"|'[^'\\\n]{0,400}'|-?[0-9.]{1,30}|true|false|null|undefined)\s*(?:;|$|\n)"
)
"""A number or a word beside the JSON, such as when the file was made: passed over."""
MOST = 1000
_COMMENT = re.compile(r"\s*(?:/\*[^*]{0,200}\*/|//[^\n]{0,200}\n)\s*")


def read_jsonp(payload: bytes, options: Options) -> tuple[Any, str]:
    """Return (value, wrapper): wrapper is "json", "variable", "variables" or "callback".

    The value of several variables is a `Several`.

    Raises:
        PayloadError: neither JSON nor JSON in one of these wrappers.
    """
    refuse_oversize(payload, options)
    text = csv_text(payload).strip().lstrip("\ufeff")
    while found := _COMMENT.match(text):
        text = text[found.end() :]
    if text.startswith("try{") and "}catch" in text:
        text = text[4 : text.rindex("}catch")]
    if _VARIABLE.match(text) or _SCALAR.match(text):
        told = _assigned(text)
        if len(told) == 1:
            return told[0][1], "variable"
        return Several(told), "variables"
    if found := _CALL.match(text):
        return load_json(_inner(text[found.end() :])), "callback"
    return load_json(text), "json"


class Several(list[tuple[str, Any]]):
    """The values of several variables, each with its name, in the order of the file."""


def _assigned(text: str) -> list[tuple[str, Any]]:
    """Return every (name, value) that a script of nothing but assignments makes."""
    told: list[tuple[str, Any]] = []
    at = 0
    while at < len(text):
        if found := _SCALAR.match(text, at):
            at = found.end()
        elif found := _VARIABLE.match(text, at):
            value, at = load_first(text, found.end())
            told.append((_name(found[0]), value))
        else:
            raise PayloadError(f"not JSONP: after {_told(told)} stands {text[at : at + 40]!r}")
        after = _NEXT.match(text, at)
        at = after.end() if after else at
        if len(told) > MOST:
            raise PayloadError(f"not JSONP: more than {MOST} assignments in one file")
    if not told:
        raise PayloadError("not JSONP: no assignment of an object or a list")
    return told


def _name(opening: str) -> str:
    return re.sub(r"^(?:var|let|const)\s+|\s*=\s*$", "", opening)


def _told(told: list[tuple[str, Any]]) -> str:
    return f"the value of {told[-1][0]}" if told else "the beginning"


def _inner(text: str) -> str:
    """Return the JSON without what closes its wrapper."""
    text = text.rstrip().rstrip(";").rstrip()
    if not text.endswith(")"):
        raise PayloadError("not JSONP, or broken: the callback is never closed")
    return text[:-1].rstrip()
