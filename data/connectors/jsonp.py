"""Takes the JSON out of the script it is wrapped in: `var x = {...};` or `callback({...})`."""

from __future__ import annotations

import re
from typing import Any

from data.connectors.connector import Options, PayloadError, refuse_oversize
from data.connectors.csv_text import csv_text
from data.connectors.json_document import load_json

_NAME = r"[A-Za-z_$][\w$]*(?:\s*(?:\.\s*[A-Za-z_$][\w$]*|\[\s*['\"\d][^\]\n]{0,60}\]))*"
_VARIABLE = re.compile(rf"(?:(?:var|let|const)\s+)?{_NAME}\s*=\s*(?=[\[{{])")
_CALL = re.compile(rf"(?:{_NAME}\s*&&\s*)?{_NAME}\s*\(\s*(?=[\[{{])")
_COMMENT = re.compile(r"\s*(?:/\*[^*]{0,200}\*/|//[^\n]{0,200}\n)\s*")


def read_jsonp(payload: bytes, options: Options) -> tuple[Any, str]:
    """Return (value, wrapper): wrapper is "json", "variable" or "callback".

    Raises:
        PayloadError: neither JSON nor JSON in one of these wrappers.
    """
    refuse_oversize(payload, options)
    text = csv_text(payload).strip().lstrip("\ufeff")
    while found := _COMMENT.match(text):
        text = text[found.end() :]
    if text.startswith("try{") and "}catch" in text:
        text = text[4 : text.rindex("}catch")]
    for wrapper, opening in (("variable", _VARIABLE), ("callback", _CALL)):
        found = opening.match(text)
        if found:
            return load_json(_inner(text[found.end() :], wrapper)), wrapper
    return load_json(text), "json"


def _inner(text: str, wrapper: str) -> str:
    """Return the JSON without what closes its wrapper."""
    text = text.rstrip().rstrip(";").rstrip()
    if wrapper == "variable":
        return text
    if not text.endswith(")"):
        raise PayloadError("not JSONP, or broken: the callback is never closed")
    return text[:-1].rstrip()
