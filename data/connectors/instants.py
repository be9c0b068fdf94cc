"""Which instant does a time in a file mean? One without a zone is never guessed."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from data.connectors.connector import Findings, PayloadError, RefusedError

_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]+)?)?"
    r" ?(?P<zone>[Zz]|[+-][0-9]{2}:?[0-9]{2})?"
)
LATEST = 4102444800
"""2100-01-01: feeds write year 2999 or 3000 for "until further notice"."""


class NoTimeZoneError(ValueError):
    """The time has no offset, and the source has no zone set."""


def zone(tz: str) -> ZoneInfo:
    """Return the zone called `tz`; raise PayloadError if there is none of that name."""
    try:
        return ZoneInfo(tz)
    except (KeyError, ValueError, OSError) as error:
        raise PayloadError(f"there is no time zone called {tz!r}") from error


def parse_instant(text: str, tz: str) -> datetime:
    """Return the instant `text` (ISO 8601 with seconds) means.

    Args:
        text: trimmed; "-00:00" is UTC, as CAP writes it.
        tz: zone of times without an offset, "" when the source has none.

    Raises:
        NoTimeZoneError: no offset and no tz.
        ValueError: not a time, or outside what a calendar can hold.
    """
    found = _INSTANT.fullmatch(text)
    if not found:
        raise ValueError(f"{text[:40]!r} is not a date with a time")
    moment = datetime.fromisoformat(text.upper().replace(" ", "T", 1).replace(" ", ""))
    if moment.tzinfo is None:
        if not tz:
            raise NoTimeZoneError(f"{text[:40]!r} has no offset from UTC")
        moment = moment.replace(tzinfo=zone(tz))
    try:
        moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"{text[:40]!r} is outside the calendar") from error
    return moment


def required_instant(text: str, tz: str, field: str, bad: str = "bad_time") -> datetime:
    """Return the instant; raise RefusedError for a record that cannot do without it.

    `bad` is the reason given for a text that is no time.
    """
    if not text:
        raise RefusedError(f"no_{field}", field, detail=f"there is no {field}")
    try:
        return parse_instant(text, tz)
    except NoTimeZoneError as error:
        raise RefusedError("no_time_zone", field, text, str(error)) from error
    except ValueError as error:
        raise RefusedError(bad, field, text, str(error)) from error


def optional_instant(
    text: str, tz: str, findings: Findings, row: int, field: str
) -> datetime | None:
    """Return the instant, or None with a warning if there is one that cannot be read."""
    if not text:
        return None
    try:
        return parse_instant(text, tz)
    except NoTimeZoneError as error:
        findings.warn("no_time_zone", row, field, text, str(error))
    except ValueError as error:
        findings.warn("bad_time", row, field, text, str(error))
    return None


def from_epoch(seconds: int) -> datetime | None:
    """Return the instant of POSIX `seconds`; None for 0 and for times from 2100 on."""
    return datetime.fromtimestamp(seconds, UTC) if 0 < seconds < LATEST else None
