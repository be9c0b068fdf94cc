"""The words of a weekly review: signals, doubts, verdicts, and the least that can be compared."""

from __future__ import annotations

from enum import StrEnum


class ChartKind(StrEnum):
    """Control charts. T and G are of the time, or the chances, between rare events."""

    XMR = "xmr"
    P = "p"
    PPRIME = "pprime"
    U = "u"
    C = "c"
    T = "t"
    G = "g"


class Signal(StrEnum):
    """What a point says. Special cause: improvement, concern, or neutral without a better way."""

    COMMON = "common"
    IMPROVEMENT = "improvement"
    CONCERN = "concern"
    NEUTRAL = "neutral"


class SpcRule(StrEnum):
    """Why a point is a special cause (NHS Making Data Count)."""

    OUTSIDE = "outside"
    SHIFT = "shift"
    TREND = "trend"
    TWO_OF_THREE = "two_of_three"


class Assurance(StrEnum):
    """Whether the process, left as it is, meets its target."""

    HIT = "will_hit"
    MISS = "will_miss"
    EITHER = "hit_and_miss"
    NO_TARGET = "no_target"
    TOO_FEW = "too_few"


class Doubt(StrEnum):
    """Why nothing, or less, can be concluded from a figure or a comparison."""

    NO_DATA = "no_data"
    HIDDEN = "hidden"
    """A small count that is not shown."""
    PARTIAL = "partial"
    """The week is not over, or not all of its days were told."""
    FUTURE = "future"
    BEFORE_DATA = "before_data"
    NOT_HERE = "not_here"
    """The area does not have this indicator."""
    TOO_FEW = "too_few"
    """Fewer than twelve points: no limits."""
    ZERO_DENOMINATOR = "zero_denominator"
    ALL_EQUAL = "all_equal"
    """Every value is the same: limits without width say nothing."""
    BREAK = "break"
    """The definition changed between the two."""
    GAP = "gap"
    """A week between is missing."""
    NO_MATCH = "no_match"
    """No day of the other year is like the days of this week."""
    UNDER_FLOOR = "under_floor"
    """Too small an n to be compared."""
    STALE = "stale"
    """The source is not heard."""
    NO_NOTICE = "no_notice"
    """A year's holidays and make-up days are not published yet: only the days the law fixes."""
    BETWEEN_BANDS = "between_bands"
    """A unit that cannot be told from units of more than one band, so it is in none."""
    NOT_A_SHARE = "not_a_share"
    """More in the part than in the whole: records came late, or the two do not belong together."""
    NO_RESIDENTS = "no_residents"
    """Nobody says how many people live there, so a count cannot be compared."""


class Unlike(StrEnum):
    """Why a day is like no day of the period a week is compared with."""

    NO_WEEK_53 = "no_week_53"
    """The other year has 52 weeks."""
    NO_LUNAR = "no_lunar"
    """The city's calendar has no lunar year."""
    OUT_OF_TABLE = "out_of_table"
    """The table of lunar months does not reach so far."""
    LONGER_HOLIDAY = "longer_holiday"
    """The holiday had fewer days then."""
    NO_SUCH_HOLIDAY = "no_such_holiday"
    """The holiday was not one of its own in the two years before."""
    BEFORE_HOLIDAY = "before_holiday"
    AFTER_HOLIDAY = "after_holiday"
    MAKE_UP = "make_up"
    """A weekend that is worked is only like another one for the same holiday."""
    FESTIVAL_THEN = "festival_then"
    """The days near by were holidays, or near the Spring Festival, then."""


class Verdict(StrEnum):
    """What became of an indicator after a promise; never "caused"."""

    IMPROVED = "improved"
    NO_SIGN = "no_sign"
    WORSE = "worse"
    TOO_EARLY = "too_early"
    UNKNOWN = "unknown"
    """It cannot be said, and `doubt` says why."""


MIN_POINTS = 12
"""Fewer points give no limits."""


MIN_COMPARED = 10
"""The floor of n under which a unit is not placed in a comparison, unless the indicator says."""
