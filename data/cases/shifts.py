"""Which shift it is, and which was before. Pure: local times of day become instants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from data.catalogue.loop_entries import ShiftEntry
from data.vocabulary import LOCAL, Names


@dataclass(frozen=True)
class Shift:
    """One shift of one day, from start up to before end."""

    key: str
    name: Names
    start: datetime
    end: datetime


def shift_at(shifts: Sequence[ShiftEntry], now: datetime) -> Shift:
    """Return the shift that is on at `now`. Raises ValueError: no shifts are declared."""
    local = now.astimezone(LOCAL)
    for days in (0, -1):
        for entry in shifts:
            start = datetime.combine(
                local.date() + timedelta(days=days), time.fromisoformat(entry.start), LOCAL
            )
            end = datetime.combine(start.date(), time.fromisoformat(entry.end), LOCAL)
            if end <= start:
                end += timedelta(days=1)
            if start <= local < end:
                return Shift(entry.key, entry.name, start, end)
    raise ValueError("no shift holds this time")


def before(shifts: Sequence[ShiftEntry], shift: Shift) -> Shift:
    """Return the shift that ended when this one began."""
    return shift_at(shifts, shift.start - timedelta(seconds=1))


def after(shifts: Sequence[ShiftEntry], shift: Shift) -> Shift:
    """Return the shift that begins when this one ends."""
    return shift_at(shifts, shift.end)


def signs_both(
    out_by: int | None, out_name: str | None, number: int | None, name: str | None
) -> bool:
    """Return whether somebody is the one who signed for those who go: by account, else by name."""
    if out_by is not None and number is not None:
        return out_by == number
    return out_name is not None and out_name == name
