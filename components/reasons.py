"""Why a row was refused, in words. The code stays beside them: stewards search for it."""

from __future__ import annotations

import re
from datetime import datetime

from components.details import detail_sentence
from components.formats import MISSING, day_time, duration
from components.i18n import N_, _

REASONS: dict[str, str] = {
    "ambiguous_area": N_("could be several areas"),
    "ambiguous_date": N_("day or month first?"),
    "available_above_baseline": N_("more free than there are"),
    "bad_status": N_("status cannot be read"),
    "bad_time": N_("time cannot be read"),
    "before_report": N_("before the case was reported"),
    "case_closed": N_("the case is closed"),
    "conflicting_duplicate": N_("given twice with different values"),
    "count_and_absent": N_("a count and a reason for having none"),
    "cumulative_period": N_("a running total, not one period"),
    "duplicate": N_("given twice"),
    "duplicate_entity_id": N_("given twice"),
    "empty_entity": N_("empty record"),
    "flagged": N_("flagged by its publisher"),
    "future_period": N_("lies in the future"),
    "future_time": N_("lies in the future"),
    "id_too_long": N_("number too long"),
    "implausible_delay": N_("implausible delay"),
    "implausible_position": N_("cannot lie there"),
    "implausible_value": N_("no instrument reads that"),
    "individual_report": N_("about one person; only totals are taken"),
    "level_mismatch": N_("code and text name different levels"),
    "misaligned_period": N_("does not begin where its period begins"),
    "mixed_encoding": N_("in another encoding than the file"),
    "mixed_levels": N_("already reported at another level of area"),
    "negative_value": N_("below zero"),
    "nested_value": N_("not a plain value"),
    "no_request_id": N_("without a number"),
    "no_requested_datetime": N_("time of the request is missing"),
    "not_a_resource": N_("not a record of this format"),
    "not_a_warning": N_("not a record of this format"),
    "not_an_object": N_("not a row of named values"),
    "not_finite": N_("not a number"),
    "occupied_above_beds": N_("more taken than there are"),
    "odd_period": N_("neither minute, hour, day, week nor month"),
    "orphan_stop_time": N_("belongs to no trip"),
    "out_of_range": N_("outside the range it can have"),
    "out_of_scope": N_("beyond what its sender may report"),
    "outside_area": N_("outside the city"),
    "period_too_long": N_("a longer period than is wanted"),
    "pm25_above_pm10": N_("PM2.5 above PM10"),
    "position_outside": N_("position outside the city; left out"),
    "range_too_long": N_("period too long"),
    "ratio_above_one": N_("numerator above denominator"),
    "rounded_position": N_("rounded to whole degrees"),
    "several_timezones": N_("several time zones in one feed"),
    "suppressed": N_("suppressed at the source"),
    "too_many_cells": N_("more cells than columns"),
    "too_old": N_("older than what is kept"),
    "total_differs": N_("a total that is not the sum of its parts"),
    "total_row": N_("a total of other rows; not counted twice"),
    "type_mismatch": N_("code and text name different types"),
    "unclosed_quote": N_("a quote is never closed"),
    "unit_not_declared": N_("unit cannot be converted"),
    "unlinked_update": N_("names nothing that it updates"),
    "updated_before_requested": N_("updated before it was requested"),
    "zero_bytes": N_("holds zero bytes"),
}
FAMILIES: dict[str, str] = {
    "no_": N_("missing"),
    "bad_": N_("cannot be read"),
    "unknown_": N_("not known here"),
    "status_": N_("not complete"),
}
ROW_WORDS: dict[str, str] = {
    "alert": N_("alert"),
    "line": N_("line"),
    "entity": N_("entity"),
    "entry": N_("entry"),
    "resource": N_("resource"),
    "request": N_("request"),
    "result": N_("result"),
    "row": N_("row"),
}
RUN_WORDS: dict[str, str] = {
    "ok": N_("taken"),
    "duplicate": N_("nothing new"),
    "failed": N_("failed"),
    "refused": N_("all refused"),
    "replayed": N_("read again"),
}
FINDINGS: dict[str, str] = {
    "never": N_("never heard"),
    "late": N_("not reported by its time"),
    "silent": N_("fallen silent"),
    "failed": N_("does not answer well"),
    "quiet": N_("nothing new for unusually long"),
    "zero_streak": N_("reports zero for unusually long"),
    "frozen": N_("the same value for unusually long"),
    "jump": N_("far outside its normal band"),
    "incomplete": N_("incomplete"),
    "untimely": N_("often late"),
    "refused_share": N_("many rows refused"),
    "late_correction": N_("corrected after it was due"),
    "out_of_range": N_("values outside their range"),
    "position_outside": N_("positions outside the city"),
    "outside_area": N_("rows outside the city"),
    "outside_city": N_("places outside the city"),
    "wrong_crs": N_("coordinate system not as declared"),
    "total_differs": N_("totals that do not add up"),
    "duplicate_rows": N_("rows given twice"),
    "same_file": N_("the same file again"),
    "unreadable": N_("files that cannot be read"),
    "unlisted": N_("more refused rows than are listed"),
}
"""Kinds of findings of data quality."""


def reason_words(code: str) -> str:
    """Return what a reason code means; an unknown code is shown as it is."""
    if code in REASONS:
        return _(REASONS[code])
    for start, words in FAMILIES.items():
        if code.startswith(start):
            return _(words)
    return code


def finding_word(kind: str) -> str:
    """Return what a kind of finding means; an unknown kind is shown as it is."""
    return _(FINDINGS[kind]) if kind in FINDINGS else kind


_DETAILS: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(r"(?P<got>\d+) of (?P<all>\d+) periods in 24 h"),
        N_("{got} of {all} periods in 24 h"),
    ),
    (
        re.compile(r"(?P<got>\d+) of (?P<all>\d+) periods in time in 24 h"),
        N_("{got} of {all} periods in time in 24 h"),
    ),
    (re.compile(r"(?P<got>\d+) of (?P<all>\d+) rows in 24 h"), N_("{got} of {all} rows in 24 h")),
    (re.compile(r"failures (?P<n>\d+)"), N_("{n} failures in a row")),
    (
        re.compile(r"usual (?P<time>\d+) s, (?P<n>\d+) gaps"),
        N_("usually every {time}, learned from {n} gaps"),
    ),
    (
        re.compile(r"(?P<n>\d+) h since (?P<time>\S+), longest before (?P<m>\d+) h"),
        N_("{n} hours since {time}, longest before {m} hours"),
    ),
    (
        re.compile(r"(?P<time>\S+): (?P<n>[+-][\d.]+) sigma from (?P<m>\S+)"),
        N_("{time}: {n} times its usual spread from {m}"),
    ),
)


def detail_words(detail: str) -> str:
    """Return the detail of a finding in the language spoken now, one not known as it is."""
    for pattern, words in _DETAILS:
        if told := pattern.fullmatch(detail):
            return _(words).format(**{k: _part(k, v) for k, v in told.groupdict().items()})
    return detail_sentence(detail)


def moment_words(value: str | None) -> str:
    """Return what a finding found: an instant as a local time, anything else as it is."""
    return _part("time", value) if value else MISSING


def _part(key: str, text: str) -> str:
    if key != "time":
        return text
    if text.isdigit():
        return duration(int(text)) if int(text) >= 120 else _("{n} s").format(n=text)
    try:
        return day_time(datetime.fromisoformat(text).timestamp())
    except ValueError:
        return text


def row_word(word: str) -> str:
    """Return what a connector counts, in the language spoken now."""
    return _(ROW_WORDS[word]) if word in ROW_WORDS else word


def origin_word(origin: str | None) -> str:
    """Return where a file came from; an address or a file name as it is."""
    return _("loaded in one go") if origin == "bulk load" else origin or MISSING


def run_word(status: str) -> str:
    """Return how a run ended."""
    return _(RUN_WORDS[status]) if status in RUN_WORDS else status
