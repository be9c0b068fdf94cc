"""The words of the weekly review: doubts, rules, verdicts, bases, gaps, promises, reminders."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from components.formats import MISSING, number
from components.i18n import N_, _, language, name
from data.vocabulary import Names
from data.vocabulary.review import Aim, Basis
from data.vocabulary.review_terms import ChartKind, Doubt, SpcRule, Unlike, Verdict

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

DOUBTS: dict[str, tuple[str, str]] = {
    Doubt.NO_DATA: (N_("no data"), N_("Nothing was told for this week, so nothing is concluded.")),
    Doubt.HIDDEN: (N_("not shown"), N_("The count is so small that it could name persons.")),
    Doubt.PARTIAL: (
        N_("not whole"),
        N_("The week is not over or some of its days were not told; it is not compared."),
    ),
    Doubt.FUTURE: (N_("not begun"), N_("The week has not begun.")),
    Doubt.BEFORE_DATA: (N_("before data"), N_("The week lies before the first data.")),
    Doubt.NOT_HERE: (N_("not here"), N_("This area does not have the indicator.")),
    Doubt.TOO_FEW: (
        N_("under 12 weeks"),
        N_("Fewer than twelve weeks: no limits, so no telling signal from noise."),
    ),
    Doubt.ZERO_DENOMINATOR: (
        N_("nothing to divide by"),
        N_("The denominator is zero: there is no rate."),
    ),
    Doubt.ALL_EQUAL: (
        N_("all the same"),
        N_("Every week has the same value: limits without width say nothing."),
    ),
    Doubt.BREAK: (
        N_("definition changed"),
        N_("The definition changed in between: before and after are not compared."),
    ),
    Doubt.GAP: (
        N_("week missing"),
        N_("A week in between is missing: runs are not counted over it."),
    ),
    Doubt.NO_MATCH: (
        N_("no like days"),
        N_("No day of the other period is like the days of this week."),
    ),
    Doubt.UNDER_FLOOR: (N_("too few"), N_("Too small a number to be compared.")),
    Doubt.STALE: (N_("source silent"), N_("The source is not heard; the value may be old.")),
    Doubt.NO_NOTICE: (
        N_("holidays not published"),
        N_("The year's holidays are not published yet: only the days the law fixes are known."),
    ),
    Doubt.BETWEEN_BANDS: (
        N_("between bands"),
        N_("It cannot be told from units of more than one band, so it is in none."),
    ),
    Doubt.NO_RESIDENTS: (
        N_("residents not known"),
        N_("Nobody says how many people live there, so a count is not compared."),
    ),
    Doubt.NOT_A_SHARE: (
        N_("more than the whole"),
        N_("The part is larger than the whole: records came late, or they do not belong together."),
    ),
}
RULES: dict[str, str] = {
    SpcRule.OUTSIDE: N_("outside the limits"),
    SpcRule.SHIFT: N_("seven or more weeks on one side of the mean"),
    SpcRule.TREND: N_("seven or more weeks rising or falling"),
    SpcRule.TWO_OF_THREE: N_("two of three weeks near a limit"),
}
CHARTS: dict[str, str] = {
    ChartKind.XMR: N_("individual values and moving range"),
    ChartKind.P: N_("shares"),
    ChartKind.PPRIME: N_("shares with extra spread"),
    ChartKind.U: N_("rates"),
    ChartKind.C: N_("counts"),
    ChartKind.T: N_("time between rare events"),
    ChartKind.G: N_("chances between rare events"),
}
VERDICTS: dict[str, str] = {
    Verdict.IMPROVED: N_("improved since"),
    Verdict.NO_SIGN: N_("no sign of a change"),
    Verdict.WORSE: N_("worse since"),
    Verdict.TOO_EARLY: N_("too early to say"),
    Verdict.UNKNOWN: N_("cannot be said"),
}
BASES: dict[str, str] = {
    "last": N_("Week before"),
    "year": N_("Same week last year"),
    "lunar": N_("Same lunar days"),
}
UNMATCHED: dict[str, str] = {
    Unlike.NO_WEEK_53: N_("that year has 52 weeks"),
    Unlike.NO_LUNAR: N_("the calendar has no lunar year"),
    Unlike.OUT_OF_TABLE: N_("beyond the table of lunar months"),
    Unlike.LONGER_HOLIDAY: N_("the holiday was shorter then"),
    Unlike.NO_SUCH_HOLIDAY: N_("the holiday did not stand alone then"),
    Unlike.BEFORE_HOLIDAY: N_("before a holiday"),
    Unlike.AFTER_HOLIDAY: N_("after a holiday"),
    Unlike.MAKE_UP: N_("make-up workday"),
    Unlike.FESTIVAL_THEN: N_("the days near by were holidays then"),
}
PROMISE_STATES: dict[str, str] = {
    "open": N_("promise open"),
    "kept": N_("promise kept"),
    "broken": N_("promise not kept"),
    "withdrawn": N_("promise withdrawn"),
}
PROMISE_ACTIONS: dict[str, str] = {
    "made": N_("promised"),
    "carried": N_("carried over"),
    "moved": N_("due week moved"),
    "kept": N_("marked as kept"),
    "broken": N_("marked as not kept"),
    "withdrawn": N_("taken back"),
    "reopened": N_("taken up again"),
    "note": N_("noted"),
}
EXPECTED: dict[str, str] = {"higher": N_("should rise"), "lower": N_("should fall")}
RESTATED: dict[str, str] = {
    "late": N_("records came late"),
    "corrected": N_("records were corrected"),
    "definition": N_("the definition changed"),
    "hidden": N_("now too small to be shown"),
}
REMINDERS: dict[str, str] = {
    "preread": N_("Pre-read sent round, 48 h before"),
    "meeting": N_("Review meeting"),
    "followup": N_("Follow-up written, within 2 days"),
}
REMINDER_STATES: dict[str, str] = {
    "done": N_("done in time"),
    "due": N_("due now"),
    "late": N_("past its time"),
    "ahead": N_("still ahead"),
}
AIMS: dict[str, str] = {"floor": "≥ {low}", "ceiling": "≤ {high}", "range": "{low}–{high}"}


def _word(words: Mapping[str, str], key: str) -> str:
    """Return a word of a table; a key it does not know is shown as it is, never hidden."""
    return _(words[key]) if key in words else key


def doubt_word(doubt: str) -> str:
    """Return a doubt in two or three words, for a cell."""
    return _(DOUBTS[doubt][0]) if doubt in DOUBTS else doubt


def doubt_sentence(doubt: str) -> str:
    """Return what cannot be concluded and why."""
    return _(DOUBTS[doubt][1]) if doubt in DOUBTS else doubt


def rule_word(rule: str) -> str:
    """Return why a point is a special cause."""
    return _word(RULES, rule)


def chart_word(kind: str) -> str:
    """Return what a control chart is of."""
    return _word(CHARTS, kind)


def verdict_word(verdict: str) -> str:
    """Return what became of an indicator after a promise."""
    return _word(VERDICTS, verdict)


def basis_word(key: str) -> str:
    """Return what a week is compared with, as the head of a column."""
    return _word(BASES, key)


def unmatched_word(reason: str) -> str:
    """Return why a day is like no day of the other period."""
    return _word(UNMATCHED, reason)


def promise_state_word(state: str) -> str:
    """Return where a promise stands."""
    return _word(PROMISE_STATES, state)


def promise_action_word(action: str) -> str:
    """Return what was done about a promise."""
    return _word(PROMISE_ACTIONS, action)


def expected_word(expected: str) -> str:
    """Return where a promised indicator should go, "" if nowhere."""
    return _word(EXPECTED, expected) if expected else ""


def restated_word(reason: str) -> str:
    """Return why a number is another now than when it was frozen."""
    return _word(RESTATED, reason)


def reminder_words(kind: str, state: str) -> tuple[str, str]:
    """Return what is due in the rhythm of the review, and how it stands."""
    return _word(REMINDERS, kind), _word(REMINDER_STATES, state)


def day_word(day: str) -> str:
    """Return an ISO day without its year: 11月29日, 29 Nov; what is no day stays as it is."""
    try:
        found = date.fromisoformat(day[:10])
    except ValueError:
        return day
    if language() == "en":
        return f"{found.day} {MONTHS[found.month - 1]}"
    return f"{found.month}月{found.day}日"


def span_word(first: str, last: str) -> str:
    """Return two ISO days: 11月16日—22日, 16–22 Nov; over a year's end with the years."""
    a, b = date.fromisoformat(first[:10]), date.fromisoformat(last[:10])
    zh = language() != "en"
    if a.year != b.year:
        return f"{a.year}年{day_word(first)}—{b.year}年{day_word(last)}" if zh else (
            f"{day_word(first)} {a.year} – {day_word(last)} {b.year}"
        )  # fmt: skip
    if a.month == b.month:
        return f"{day_word(first)}—{b.day}日" if zh else f"{a.day}–{day_word(last)}"
    return f"{day_word(first)}—{day_word(last)}" if zh else f"{day_word(first)} – {day_word(last)}"


def week_word(week: str) -> str:
    """Return an ISO week: 2026年第47周, week 47 of 2026."""
    year, _sep, rest = week.partition("-W")
    if not (year.isdecimal() and rest.isdecimal()):
        return week
    return _("week {n} of {year}").format(n=int(rest), year=year)


def basis_label(basis: Basis) -> str:
    """Return on what days a comparison stands: words, days, how many of the days matched."""
    matched, unmatched = len(basis["pairs"]), len(basis["unmatched"])
    if not basis["first"]:
        return f"{name(basis['words'])} {doubt_word(basis['doubt'] or Doubt.NO_MATCH)}".strip()
    said = f"{name(basis['words'])} {span_word(basis['first'], basis['last'])}"
    if not unmatched:
        return _("{basis}, all {n} days matched").format(basis=said, n=matched)
    return _("{basis}, {n} of {all} days matched").format(
        basis=said, n=matched, all=matched + unmatched
    )


def aim_word(aim: Aim, decimals: int) -> str:
    """Return a target as a sign and a number, "—" if there is none."""
    if aim["kind"] == "band":
        return _("own band")
    written = AIMS.get(aim["kind"])
    if written is None:
        return MISSING
    low, high = _short(aim["low"], decimals), _short(aim["high"], decimals)
    return written.format(low=low, high=high)


def _short(value: float | None, decimals: int) -> str:
    whole = value is not None and value == int(value)
    return number(value, 0 if whole else decimals)


def valued(value: float | None, decimals: int, unit: Names | None) -> str:
    """Return a number with its unit: 93.4%, 61起, 61 calls."""
    if value is None:
        return MISSING
    word = name(unit)
    space = "" if word == "%" or language() != "en" else " "
    return f"{number(value, decimals)}{space}{word}"


def counted(n: float | None) -> str:
    """Return the n that stands beside a rate, "" if it is none."""
    return "" if n is None else f"n={number(n)}"
