"""Days off are weekends and holidays; a make-up working day is none. Periods follow the calendar."""

from datetime import UTC, date, datetime, timedelta

import pytest

from data.indicators.calendar import is_day_off
from data.vocabulary import LOCAL, Grain, period_end


@pytest.mark.parametrize(
    ("day", "off"),
    [
        (date(2026, 11, 18), False),  # Wednesday
        (date(2026, 11, 21), True),
        (date(2026, 11, 22), True),
        (date(2026, 10, 1), True),  # National Day
        (date(2026, 2, 17), True),  # Spring Festival
        (date(2025, 9, 28), False),  # a Sunday that was worked
    ],
)
def test_a_day_is_off_or_not(day, off):
    assert is_day_off(day, "CN") is off


@pytest.mark.parametrize(
    ("grain", "start", "end"),
    [
        (Grain.MINUTE, "2026-11-18T10:20", "2026-11-18T10:21"),
        (Grain.HOUR, "2026-12-31T23:00", "2027-01-01T00:00"),
        (Grain.DAY, "2028-02-28T00:00", "2028-02-29T00:00"),
        (Grain.WEEK, "2026-12-28T00:00", "2027-01-04T00:00"),
        (Grain.MONTH, "2026-02-01T00:00", "2026-03-01T00:00"),
        (Grain.MONTH, "2026-12-01T00:00", "2027-01-01T00:00"),
        (Grain.MONTH, "2026-01-01T00:00", "2026-02-01T00:00"),
    ],
)
def test_a_period_is_over_where_the_next_begins(grain, start, end):
    begins = datetime.fromisoformat(start).replace(tzinfo=LOCAL)
    expected = datetime.fromisoformat(end).replace(tzinfo=LOCAL)
    assert period_end(begins, grain) == expected
    assert period_end(begins.astimezone(UTC), grain) == expected


def test_our_zone_has_no_summer_time():
    """The SQL of SQLite reckons with eight hours, always."""
    start = datetime(1992, 1, 1, tzinfo=UTC)
    days = (start + timedelta(days=n) for n in range(0, 365 * 60, 3))
    assert {d.astimezone(LOCAL).utcoffset() for d in days} == {timedelta(hours=8)}
