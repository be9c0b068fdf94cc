"""Times as Chinese platforms write them: local, without an offset, in many spellings."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from data.connectors.instants import NoTimeZoneError, parse_instant, zone

CHINA = "Asia/Shanghai"

_TIME = re.compile(
    r"(?P<y>[0-9]{4})(?:[-/.]|年)(?P<m>[0-9]{1,2})(?:[-/.]|月)(?P<d>[0-9]{1,2})日?"
    r"(?:[T ]*(?P<h>[0-9]{1,2})(?:(?::|时|点)(?:(?P<i>[0-9]{1,2})(?:分|:(?P<s>[0-9]{1,2})"
    r"(?:\.[0-9]{1,7})?)?)?秒?)?)?"
)
_DIGITS = re.compile(
    r"(?P<y>[0-9]{4})(?P<m>[0-9]{2})(?P<d>[0-9]{2})"
    r"(?:[T ]?(?P<h>[0-9]{2})(?::?(?P<i>[0-9]{2})(?::?(?P<s>[0-9]{2}))?)?)?"
)

_EPOCH = re.compile(r"1[0-8][0-9]{8}([0-9]{3})?")
"""POSIX seconds or milliseconds; as a calendar date it would lie before 1900."""


def local_time(text: str, tz: str) -> datetime:
    """Return the UTC instant that `text` means.

    Understood: ISO 8601 with or without an offset, 2026/1/2 8:00, 2026年1月2日8时,
    20260102080000, POSIX seconds or milliseconds, and the hour 24 for the end of a
    day. A date alone is its midnight.

    Args:
        text: trimmed.
        tz: zone of times without an offset.

    Raises:
        ValueError: not a time, or outside the calendar.
    """
    try:
        return parse_instant(text, "").astimezone(UTC)
    except NoTimeZoneError:
        pass
    except ValueError:
        if re.search(r"[0-9T:][Zz]$|[0-9][+-][0-9]{2}:?[0-9]{2}$", text) and "T" in text.upper():
            raise
    if _EPOCH.fullmatch(text):
        return datetime.fromtimestamp(int(text[:10]), UTC)
    found = _TIME.fullmatch(text) or _DIGITS.fullmatch(text)
    if not found:
        raise ValueError(f"{text[:40]!r} is not a date with a time")
    year, month, day, hour, minute, second = (int(found[k] or 0) for k in "ymdhis")
    late = (hour, minute, second) == (24, 0, 0)
    try:
        local = datetime(
            year, month, day, 0 if late else hour, minute, second, tzinfo=zone(tz or CHINA)
        )
        return (local + timedelta(days=late)).astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"{text[:40]!r} is outside the calendar") from error
