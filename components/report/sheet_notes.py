"""The first sheet: what this is, of when, from where, how it is to be read, what is left out."""

from __future__ import annotations

from components.formats import day_time, full_time
from components.i18n import _, name
from components.report.cells import Cell, Column, Sheet, say
from components.report.edition import Edition, title
from components.report.sheet_people import frozen_words
from components.review_head import noise_words
from components.review_words import (
    basis_word,
    day_word,
    doubt_sentence,
    reminder_words,
    span_word,
    unmatched_word,
    week_word,
)
from data.vocabulary.meeting import Minutes
from data.vocabulary.review import Basis, Review
from data.vocabulary.review_terms import MIN_POINTS


def week_line(review: Review) -> str:
    """Return the week with its days: 2026年第47周（11月16日—22日）."""
    return _("{week} ({days})").format(
        week=week_word(review["week"]), days=span_word(review["first"], review["last"])
    )


def notes(review: Review, minutes: Minutes, edition: Edition) -> Sheet:
    """Return what a reader must know of the whole, one line a matter."""
    lines = [*about(review, minutes, edition), *terms(review)]
    rows: list[list[Cell]] = [[say(head, strong=True), say(text)] for head, text in lines]
    return Sheet("notes", _("Notes"), [Column(_("Item"), 26), Column(_("Content"), 110)], rows)


def about(review: Review, minutes: Minutes, edition: Edition) -> list[tuple[str, str]]:
    """Return what this is, of when and from where."""
    lines = [
        (_("Name of the report"), title(edition)),
        (_("Week"), week_line(review)),
        (_("Area"), name(edition.area)),
        (_("Figures as of"), full_time(review["as_of"])),
        (_("Printed at"), full_time(edition.made)),
        (_("Printed by"), edition.by),
        (_("State"), frozen_words(minutes)),
        (_("Mark of the content"), review["mark"]),
    ]
    if review["demo"]:
        lines.append((_("Demo data"), demo_sentence()))
    lines += [(_("Caution"), sentence) for sentence in cautions(review)]
    for one in minutes["reminders"]:
        what, state = reminder_words(one["kind"], one["state"])
        lines.append((what, f"{day_time(one['at'])} {state}"))
    lines += [(basis_word(key), basis_words(b)) for key, b in review["bases"].items()]
    lines.append((_("Sources"), _("; ").join(sources(review))))
    return lines


def demo_sentence() -> str:
    """Return what is said of a demonstration."""
    return _("Synthetic data of a demonstration, not of a real city.")


def cautions(review: Review) -> list[str]:
    """Return what cannot be concluded from the week as a whole, and why."""
    return [doubt_sentence(d) for d in review["doubts"]]


def basis_words(basis: Basis) -> str:
    """Return with which days the week is compared, and the days that are like none."""
    matched, days = len(basis["pairs"]), len(basis["pairs"]) + len(basis["unmatched"])
    said = name(basis["words"])
    if matched:
        whole = _("{basis}, all {n} days matched").format(basis=said, n=matched)
        part = _("{basis}, {n} of {all} days matched").format(basis=said, n=matched, all=days)
        said = whole if matched == days else part
    if basis["doubt"]:
        said += _("; ") + doubt_sentence(basis["doubt"])
    left = [f"{day_word(day)} {unmatched_word(why)}" for day, why in basis["unmatched"]]
    if left:
        said += _("; ") + _("days without a match: {days}").format(days=_(", ").join(left))
    return said


def sources(review: Review) -> list[str]:
    """Return every source with when it was last heard."""
    heard: dict[str, float | None] = {}
    for row in review["rows"]:
        key, at = name(row["measure"]["source"]), row["now"]["heard"]
        known = heard.get(key)
        heard[key] = at if known is None or at is None else max(known, at)
    return [
        _("{source} (last heard {when})").format(source=source, when=full_time(at))
        for source, at in sorted(heard.items())
    ]


def terms(review: Review) -> list[tuple[str, str]]:
    """Return how to read the figures, and what is not shown."""
    return [*_of_signals(review), *_of_figures(), *_of_the_file()]


def _of_signals(review: Review) -> list[tuple[str, str]]:
    return [
        (_("Noise budget"), noise_words(review["noise"])),
        (
            _("Special cause"),
            _(
                "A point beyond the limits, seven or more on one side of the mean, seven rising or "
                "falling, or two of three near a limit. Limits: mean ± 2.66 mean moving ranges; "
                "fewer than {n} weeks give none."
            ).format(n=MIN_POINTS),
        ),
        (
            _("Against the target"),
            _(
                "Will hit, will miss, or hit and miss: whether the limits lie on the good side of "
                "the target, on the bad one, or on both."
            ),
        ),
    ]


def _of_figures() -> list[tuple[str, str]]:
    return [
        (
            _("Rates"),
            _(
                "Numerators over denominators, added up first; n stands beside every rate, with "
                "its Wilson interval (95%)."
            ),
        ),
        (
            _("Small counts"),
            _(
                "Counts so small that they could name persons are not shown, nor is any other "
                "number from which they could be reckoned; the cell says so. Missing is never zero."
            ),
        ),
    ]


def _of_the_file() -> list[tuple[str, str]]:
    return [
        (
            _("Late cases"),
            _("Only those within the scope of the person who printed this."),
        ),
        (
            _("Formulas"),
            _("This file holds no formula and no macro. What it says was counted by the system."),
        ),
        (
            _("Evidence"),
            _("Each code opens where its number comes from: definition, source, file and line."),
        ),
    ]
