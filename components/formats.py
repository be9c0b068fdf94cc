"""How numbers and times are written on the wall. Times are local (Asia/Shanghai)."""

from __future__ import annotations

import math
from datetime import UTC, datetime

from components.i18n import _
from data.vocabulary import LOCAL

MISSING = "—"
THIN = "\u2009"


def number(value: float | None, decimals: int = 0) -> str:
    """Return a number with thin-space thousands; what is missing is a dash, never 0."""
    if value is None or not math.isfinite(value):
        return MISSING
    written = f"{value:,.{decimals}f}"
    if not written.strip("-0.,"):
        written = written.lstrip("-")
    return written.replace(",", THIN).replace("-", "−")


def local(epoch: float) -> datetime:
    """Return an instant on the local calendar."""
    return datetime.fromtimestamp(epoch, UTC).astimezone(LOCAL)


def hour_minute(epoch: float | None) -> str:
    """Return HH:MM."""
    return MISSING if epoch is None else f"{local(epoch):%H:%M}"


def day_time(epoch: float | None) -> str:
    """Return MM-DD HH:MM."""
    return MISSING if epoch is None else f"{local(epoch):%m-%d %H:%M}"


def full_time(epoch: float | None) -> str:
    """Return YYYY-MM-DD HH:MM:SS."""
    return MISSING if epoch is None else f"{local(epoch):%Y-%m-%d %H:%M:%S}"


def since(epoch: float | None, now: float | None) -> str:
    """Return HH:MM for today and MM-DD HH:MM for any other day."""
    if epoch is None or now is None:
        return day_time(epoch)
    return hour_minute(epoch) if local(epoch).date() == local(now).date() else day_time(epoch)


def duration(seconds: float) -> str:
    """Return a length of time in its largest fitting unit."""
    minutes = int(seconds // 60)
    if minutes < 120:
        return _("{n} min").format(n=minutes)
    if minutes < 48 * 60:
        return _("{n} h").format(n=minutes // 60)
    return _("{n} days").format(n=minutes // 1440)


def share(part: int, whole: int, decimals: int = 1) -> str:
    """Return part of whole in per cent; of nothing there is no share."""
    return MISSING if whole <= 0 else f"{number(100 * part / whole, decimals)}%"
