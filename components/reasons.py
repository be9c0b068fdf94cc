"""Why a row was refused, in words. The code stays beside them: stewards search for it."""

from __future__ import annotations

from components.i18n import N_, _

REASONS: dict[str, str] = {
    "available_above_baseline": N_("more free than there are"),
    "ambiguous_area": N_("could be several areas"),
    "ambiguous_date": N_("day or month first?"),
    "conflicting_duplicate": N_("given twice with different values"),
    "count_and_absent": N_("a count and a reason for having none"),
    "cumulative_period": N_("a running total, not one period"),
    "duplicate": N_("given twice"),
    "duplicate_entity_id": N_("given twice"),
    "empty_entity": N_("empty record"),
    "flagged": N_("flagged by its publisher"),
    "future_period": N_("lies in the future"),
    "future_time": N_("lies in the future"),
    "implausible_value": N_("no instrument reads that"),
    "implausible_delay": N_("implausible delay"),
    "implausible_position": N_("cannot lie there"),
    "individual_report": N_("about one person; only totals are taken"),
    "misaligned_period": N_("does not begin where its period begins"),
    "level_mismatch": N_("code and text name different levels"),
    "mixed_encoding": N_("in another encoding than the file"),
    "mixed_levels": N_("already reported at another level of area"),
    "negative_value": N_("below zero"),
    "not_a_resource": N_("not a record of this format"),
    "not_finite": N_("not a number"),
    "occupied_above_beds": N_("more taken than there are"),
    "odd_period": N_("neither minute, hour, day, week nor month"),
    "orphan_stop_time": N_("belongs to no trip"),
    "outside_area": N_("outside the city"),
    "pm25_above_pm10": N_("PM2.5 above PM10"),
    "period_too_long": N_("a longer period than is wanted"),
    "range_too_long": N_("period too long"),
    "ratio_above_one": N_("numerator above denominator"),
    "rounded_position": N_("rounded to whole degrees"),
    "several_timezones": N_("several time zones in one feed"),
    "suppressed": N_("suppressed at the source"),
    "too_many_cells": N_("more cells than columns"),
    "too_old": N_("older than what is kept"),
    "type_mismatch": N_("code and text name different types"),
    "unit_not_declared": N_("unit cannot be converted"),
    "unclosed_quote": N_("a quote is never closed"),
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
    "resource": N_("resource"),
    "request": N_("request"),
    "result": N_("result"),
    "row": N_("row"),
}
RUN_WORDS: dict[str, str] = {
    "ok": N_("taken"),
    "duplicate": N_("nothing new"),
    "failed": N_("failed"),
}


def reason_words(code: str) -> str:
    """Return what a reason code means; an unknown code is shown as it is."""
    if code in REASONS:
        return _(REASONS[code])
    for start, words in FAMILIES.items():
        if code.startswith(start):
            return _(words)
    return code


def row_word(word: str) -> str:
    """Return what a connector counts, in the language spoken now."""
    return _(ROW_WORDS[word]) if word in ROW_WORDS else word


def run_word(status: str) -> str:
    """Return how a run ended."""
    return _(RUN_WORDS[status]) if status in RUN_WORDS else status
