"""The head of a weekly review: what week of what area, how sure, what is due, four totals."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from dash import html
from dash.development.base_component import Component

from components.formats import day_time, number, share
from components.i18n import _, name
from components.review_parts import named
from components.review_words import (
    basis_word,
    day_word,
    doubt_sentence,
    reminder_words,
    span_word,
    unmatched_word,
    week_word,
)
from data.vocabulary import Names
from data.vocabulary.meeting import Minutes
from data.vocabulary.review import Basis, Noise, Review, Totals
from data.vocabulary.review_terms import Doubt


def title_block(review: Review, minutes: Minutes, city: Names) -> html.Header:
    """Return the title with everything that says what may be believed of the page."""
    area = named(review["areas"], review["area"])
    head: list[Component] = [
        html.H2(_("{city}: weekly review of the city").format(city=name(city)))
    ]
    if review["level"] > 1:
        head.append(html.Span(area, className="area"))
    if review["demo"]:
        head.append(html.Span(_("Demo data"), className="mk demo"))
    head += _marks(review, minutes)
    week = f"{week_word(review['week'])} ({span_word(review['first'], review['last'])})"
    dated = _("{week} · {area}").format(week=_bracketed(week), area=area)
    as_of = _("As of {time} · source: roll-ups and case store").format(
        time=day_time(review["as_of"])
    )
    lines: list[Component] = [
        html.Div(head, className="t1"),
        html.Div([html.Span(_first(dated)), html.Span(as_of)], className="t2"),
        html.P(noise_words(review["noise"]), className="noise"),
    ]
    lines += [html.P(doubt_sentence(d), className="warn") for d in review["doubts"]]
    return html.Header(lines, className="title")


def _first(text: str) -> str:
    return text[:1].upper() + text[1:]


def _bracketed(text: str) -> str:
    return text.replace(" (", "（").replace(")", "）") if _("; ") == "；" else text


def _marks(review: Review, minutes: Minutes) -> list[html.Span]:
    found, frozen = [], minutes["frozen"]
    if not review["whole"]:
        found.append(html.Span(_("Week not over"), className="mk"))
    if frozen is not None:
        said = _("Frozen {time}, {by}").format(
            time=day_time(frozen["frozen_at"]), by=by_word(frozen["frozen_by"])
        )
        found.append(html.Span(said, className="mk", title=f"SHA-256 {frozen['sha256']}"))
        if not frozen["intact"]:
            found.append(html.Span(_("Pack was changed"), className="mk bad"))
        if frozen["restated"]:
            said = _("{n} numbers are others now").format(n=len(frozen["restated"]))
            found.append(html.Span(said, className="mk"))
    return found


def by_word(who: str) -> str:
    """Return who froze a week."""
    return _("by the clock") if who == "system" else who


def noise_words(noise: Noise) -> str:
    """Return the noise budget: how many signals chance alone would give, and how many there are."""
    expected = number(noise["expected"], 0 if noise["expected"] >= 10 else 1)
    return _("{series} series: by chance about {expected} signals, found {found}").format(
        series=number(noise["series"]), expected=expected, found=number(noise["found"])
    )


def reminder_list(minutes: Minutes) -> list[Component]:
    """Return what is due in the rhythm of the review."""
    if not minutes["reminders"]:
        return []
    items = []
    for reminder in minutes["reminders"]:
        what, state = reminder_words(reminder["kind"], reminder["state"])
        items.append(
            html.Li([html.B(what), f" {day_time(reminder['at'])} ", html.Span(state)],
                    className=f"r-{reminder['state']}")
        )  # fmt: skip
    return [html.Ul(items, className="reminders")]


def totals_block(totals: Totals) -> html.Section:
    """Return the four totals that add up, and on time of what fell due."""
    cells = [
        _total(_("Open before"), totals["before"], ""),
        _total(_("New"), totals["new"], _than(totals["new"], totals["last_new"])),
        _total(_("Ended in the week"), totals["closed"],
               _than(totals["closed"], totals["last_closed"])),
        _total(_("Open at the end"), totals["open"],
               _("of these late {n}").format(n=number(totals["late"]))),
    ]  # fmt: skip
    sums = [html.Span(balance_words(totals)), html.Span(on_time_words(totals))]
    return html.Section(
        [
            html.Dl(cells, className="totals4"),
            html.P(sums, className="sum"),
        ],
        className="part p-totals",
    )


def balance_words(totals: Totals) -> str:
    """Return the sum that the totals keep."""
    said = _("before {before} + new {new} + reopened {reopened} − closed {closed} = open {open}")
    if not totals["reopened"]:
        said = _("before {before} + new {new} − closed {closed} = open {open}")
    return said.format(**{k: number(v) for k, v in totals.items()})  # type: ignore[arg-type]


def _total(word: str, value: int, more: str) -> html.Div:
    small = [html.Span(more)] if more else []
    return html.Div([html.Dt(word), html.Dd([html.B(number(value)), *small])])


def _than(now: int, last: int) -> str:
    change = now - last
    if not change:
        return _("as the week before")
    arrow = "↑" if change > 0 else "↓"
    return _("{change} on the week before").format(change=f"{arrow} {number(abs(change))}")


def on_time_words(totals: Totals) -> str:
    """Return how much of what fell due ended on time, and how much the week before."""
    if not totals["due"]:
        return _("no limit fell into the week")
    return _("on time of due {rate} ({on_time}/{due}), week before {last}").format(
        rate=share(totals["on_time"], totals["due"]), on_time=number(totals["on_time"]),
        due=number(totals["due"]), last=share(totals["last_on_time"], totals["last_due"]),
    )  # fmt: skip


def bases_fold(bases: dict[str, Basis]) -> html.Details:
    """Return on which days the comparisons stand, and which days match none and why."""
    lines = [_basis(bases[key]) for key in ("last", "year", "lunar") if key in bases]
    return html.Details(
        [html.Summary(_("What the week is compared with")), *lines], className="fold"
    )


def _basis(basis: Basis) -> html.Div:
    head, more = basis_word(basis["key"]), name(basis["words"])
    words: list[Any] = [html.B(head), f" {more}" if more.lower() != head.lower() else ""]
    span = span_word(basis["first"], basis["last"]) if basis["first"] else ""
    if span and span not in more:
        words.append(f" · {basis['first'][:4]} · {span}")
    if basis["doubt"]:
        words.append(f" · {doubt_sentence(basis['doubt'])}")
    parts: list[Component] = [html.P(words)]
    if basis["pairs"]:
        pairs = _("; ").join(_pair(run) for run in _runs(basis["pairs"]))
        parts.append(html.P(_("Matched: {pairs}").format(pairs=pairs), className="hint"))
    if basis["unmatched"]:
        days = _("; ").join(f"{day_word(d)} {unmatched_word(why)}" for d, why in basis["unmatched"])
        parts.append(html.P(_("Not matched: {days}").format(days=days), className="hint"))
    return html.Div(parts)


def _runs(pairs: Sequence[tuple[str, str]]) -> list[list[tuple[str, str]]]:
    """Return the pairs in runs in which both sides go on day by day."""
    runs: list[list[tuple[str, str]]] = []
    for pair in pairs:
        if runs and [_after(x) for x in runs[-1][-1]] == list(pair):
            runs[-1].append(pair)
        else:
            runs.append([pair])
    return runs


def _after(day: str) -> str:
    return (date.fromisoformat(day) + timedelta(days=1)).isoformat()


def _pair(run: Sequence[tuple[str, str]]) -> str:
    (first, like), (last, until) = run[0], run[-1]
    if first == last:
        return f"{day_word(first)} ~ {day_word(like)}"
    return f"{span_word(first, last)} ~ {span_word(like, until)}"


def gone(doubts: list[Doubt]) -> bool:
    """Return whether there is nothing to show: the week has not begun, or lies before all data."""
    return Doubt.FUTURE in doubts or Doubt.BEFORE_DATA in doubts
