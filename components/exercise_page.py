"""How an exercise goes: what is played, how far it is, who reported and dispatched in time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dash import dcc, html
from dash.development.base_component import Component

from components.empty import failed
from components.exercise_mark import prefixed
from components.formats import day_time, duration, share
from components.i18n import _, name, use
from components.page_frame import page_frame
from components.person import Signed
from components.theme import shape
from data.exercise import Drilled, Exercise, Mark, Score, Step, score
from data.vocabulary import Names

PATH = "/exercise"
EVERY_MS = 10_000


class DrillIds:
    """What callbacks touch on the page."""

    ROOT = "drill-root"
    BODY = "drill-body"
    CLOCK = "drill-clock"


@dataclass(frozen=True)
class DrillShown:
    """What the page shows. counties: names by code. told of all documents were played."""

    plan: Exercise
    matters: Sequence[Drilled]
    counties: dict[str, Names]
    told: int
    waiting: int
    refused: int
    now: datetime
    demo: bool = False


@dataclass(frozen=True)
class DrillPlace:
    """Where the page stands."""

    area: str
    city: Names
    build: str


def exercise_page(
    shown: DrillShown | None, place: DrillPlace, signed: Signed | None, *, lang: str, now: float
) -> html.Div:
    """Return the whole page; None: the store cannot be asked."""
    with use(lang):
        return page_frame(
            [html.Div(exercise_body(shown), id=DrillIds.BODY, className="drill")],
            title=_("Exercise"), path=PATH, address=PATH, signed=signed, area=place.area,
            city=place.city, build=place.build, now=now, demo=bool(shown and shown.demo),
            id_=DrillIds.ROOT, only="desk",
            foot=_("Only what a person did counts; limits are those of the duties"),
            unseen=[dcc.Interval(id=DrillIds.CLOCK, interval=EVERY_MS)],
        )  # fmt: skip


def exercise_body(shown: DrillShown | None) -> list[Component]:
    """Return the scores and the matters."""
    if shown is None:
        return [failed()]
    firsts = [d.first for d in shown.matters]
    dispatches = [d.dispatch for d in shown.matters if d.dispatch is not None]
    return [
        html.Section(
            [
                _facts(shown),
                _scored(_("First report"), score(firsts, shown.now)),
                _scored(_("Dispatch"), score(dispatches, shown.now)),
            ],
            className="panel",
        ),
        html.Section([_table(shown)], className="panel"),
    ]


def _facts(shown: DrillShown) -> html.Div:
    plan = shown.plan
    played = _("{since} to {until}, played {shift} later").format(
        since=day_time(plan.since.timestamp()),
        until=day_time(plan.until.timestamp()),
        shift=duration(plan.shift.total_seconds()),
    )
    left = (plan.ends - shown.now).total_seconds()
    ends = _("{time} left").format(time=duration(left)) if left > 0 else _("Over")
    told = _("{told} of {all} messages played").format(
        told=shown.told, all=shown.told + shown.waiting
    )
    lines: list[Component] = [
        html.B(prefixed(plan.title)), html.Div(played), html.Div(ends, className="big"),
        html.Div(told),
    ]  # fmt: skip
    if shown.refused:
        refused = _("{n} messages could not be read: see data sources").format(n=shown.refused)
        lines.append(html.Div(refused, className="st-missed"))
    return html.Div(lines, className="facts")


def _scored(words: str, got: Score) -> html.Div:
    """Return one score with its n; nothing judged yet is no score."""
    judged = html.Div(share(got.in_time, got.n), className="big")
    big = judged if got.n else html.Div(_("Nothing to judge yet"), className="none")
    counts = _("{in_time} in time, {late} late, {missed} missed, {running} running").format(
        in_time=got.in_time, late=got.late, missed=got.missed, running=got.running
    )
    lines: list[Component] = [
        html.B(words), big, html.Div(counts, className="n"),
    ]  # fmt: skip
    if got.middle is not None and got.worst is not None:
        times = _("Half within {middle}, the longest {worst}").format(
            middle=duration(got.middle.total_seconds()), worst=duration(got.worst.total_seconds())
        )
        lines.append(html.Div(times, className="n"))
    return html.Div(lines, className="scored")


def _table(shown: DrillShown) -> Component:
    if not shown.matters:
        return html.P(_("No new matter yet"), className="facts")
    heads = (_("Matter"), _("County"), _("Reported"), _("First report"), _("Dispatch"))
    rows = [_row(one, shown) for one in reversed(shown.matters)]
    head = html.Thead(html.Tr([html.Th(words) for words in heads]))
    return html.Table([head, html.Tbody(rows)], className="plain")


def _row(one: Drilled, shown: DrillShown) -> html.Tr:
    way = html.A(one.title, href=f"/case/{one.case_no}")
    return html.Tr(
        [
            html.Td([shape(one.level), " ", way]),
            html.Td(name(shown.counties.get(one.county))),
            html.Td(day_time(one.first.since.timestamp())),
            _step(one.first, shown.now),
            _step(one.dispatch, shown.now),
        ]
    )


def _step(step: Step | None, now: datetime) -> html.Td:
    """Return how one step went: the word, how long it took or runs, its limit."""
    if step is None:
        return html.Td(_("Waits for the first report"), className="n")
    mark = step.mark(now)
    words = {
        Mark.IN_TIME: _("in time"), Mark.LATE: _("late"),
        Mark.RUNNING: _("running"), Mark.MISSED: _("missed"),
    }  # fmt: skip
    spent = step.took if step.took is not None else max(now - step.since, now - now)
    limit = (step.due - step.since).total_seconds()
    told = _("{time} of {limit}").format(
        time=duration(spent.total_seconds()), limit=duration(limit)
    )
    return html.Td([html.B(words[mark]), " ", told], className=f"st-{mark.value}")
