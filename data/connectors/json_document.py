"""Reads JSON that nobody vouches for, and its values without surprises."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar

from data.connectors.connector import Options, PayloadError, clean, refuse_oversize

T = TypeVar("T")


def read_json(payload: bytes, options: Options) -> Any:
    """Return the JSON value; raise PayloadError for anything but one whole JSON text."""
    return load_json(json_text(payload, options))


def json_text(payload: bytes, options: Options) -> str:
    """Return the payload as text; raise PayloadError if it is too big or no Unicode text."""
    refuse_oversize(payload, options)
    try:
        text = payload.decode(json.detect_encoding(payload))
    except UnicodeError as error:
        raise PayloadError(f"not JSON: not Unicode text at byte {_place(error)}") from error
    return text.removeprefix("\ufeff")


def load_json(text: str) -> Any:
    """Return the JSON value of `text`; raise PayloadError where it breaks."""
    return _guarded(lambda: json.loads(text, parse_constant=_refuse_constant))


def load_first(text: str, at: int) -> tuple[Any, int]:
    """Return the JSON value that begins at `at` and where it ends; raise PayloadError."""
    decoder = json.JSONDecoder(parse_constant=_refuse_constant)
    return _guarded(lambda: decoder.raw_decode(text, at))


def _guarded(load: Callable[[], T]) -> T:
    try:
        return load()
    except json.JSONDecodeError as error:
        place = f"line {error.lineno} column {error.colno}"
        raise PayloadError(f"not JSON, or broken: {error.msg} at {place}") from error
    except RecursionError as error:
        raise PayloadError("the JSON is nested too deep") from error
    except ValueError as error:
        if isinstance(error, PayloadError):
            raise
        raise PayloadError("the JSON holds a number of absurd length") from error


def _place(error: UnicodeError) -> int:
    return int(getattr(error, "start", 0))


def _refuse_constant(word: str) -> None:
    raise PayloadError(f"not JSON: {word} is not a JSON number")


def as_dict(value: Any) -> dict[str, Any]:
    """Return `value` if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def as_list(value: Any) -> list[Any]:
    """Return `value` if it is an array, else an empty one."""
    return value if isinstance(value, list) else []


def as_text(value: Any) -> str:
    """Return text or a number as trimmed text, "" for everything else."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return ""
