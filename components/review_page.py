"""The weekly review: the whole page, its choosers, and what stands where there is no week."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from components.empty import failed
from components.i18n import _, name, use
from components.ids import marks
from components.page_frame import page_frame
from components.person import Signed
from components.review_fair import fair_comparison
from components.review_foot import gaps_list, restatements
from components.review_head import (
    bases_fold,
    gone,
    reminder_list,
    title_block,
    totals_block,
)
from components.review_ids import (
    FORMATS,
    PANEL,
    PATH,
    WeekIds,
    WeekView,
    act_id,
    address,
    field_id,
    told_id,
    week_beside,
)
from components.review_loop import LateShown, closed_loop, late_cases
from components.review_matrix import matrix
from components.review_messages import key_messages
from components.review_promises import Rights, follow_up
from components.review_score import definitions, scorecard
from components.review_words import doubt_sentence, week_word
from data.vocabulary import Names
from data.vocabulary.meeting import Minutes
from data.vocabulary.review import Review


@dataclass(frozen=True)
class House:
    """What is the same for every week."""

    area: str
    city: Names
    build: str


@dataclass(frozen=True)
class Choice:
    """What can be chosen. areas: the city and its counties; towns: of the looked-at county."""

    areas: Sequence[tuple[str, Names]] = ()
    towns: Sequence[tuple[str, Names]] = ()
    county: str = ""
    first: str = ""
    last: str = ""


@dataclass(frozen=True)
class Shown:
    """A page to draw. wrong: why there is no week to show; lost: the store cannot be asked."""

    view: WeekView
    choice: Choice = field(default_factory=Choice)
    review: Review | None = None
    minutes: Minutes | None = None
    rights: Rights = field(default_factory=Rights)
    late: LateShown = field(default_factory=LateShown)
    wrong: str = ""
    lost: bool = False
    demo: bool = False
    drawn: Sequence[Any] | None = None
    """The sheet as it was kept; None: it is drawn from the rest."""


def weekly_page(
    shown: Shown, house: House, signed: Signed | None, *, lang: str, now: float
) -> html.Div:
    """Return the whole page in a language."""
    with use(lang):
        unseen: list[Component] = [
            html.Div(id=WeekIds.SAID, className="said", role="status"),
            dcc.Location(id=WeekIds.URL, refresh=False),
            dcc.Store(id=WeekIds.NUDGE, data=0),
        ]
        return page_frame(
            [html.Div(weekly_body(shown, house), id=WeekIds.BODY, className="weekly", tabIndex=0)],
            title=_("Weekly review"), path=PATH, address=address(shown.view), signed=signed,
            area=house.area, city=house.city, build=house.build, now=now,
            demo=shown.demo or bool(shown.review and shown.review["demo"]),
            id_=WeekIds.ROOT, only=PANEL,
            foot=_("A signal is what chance alone would hardly give; the rest is noise"),
            unseen=unseen, look="light paper" if shown.view.paper else "light",
        )  # fmt: skip


def page_parts() -> html.Div:
    """Return everything that callbacks touch, also what is drawn only now and then."""
    names = Names(zh="", en="")
    page = weekly_page(Shown(WeekView()), House("", names, ""), None, lang="zh", now=0.0)
    fields: list[Component] = [
        dcc.Input(id=field_id("text", "")),
        html.Button(id=act_id("made", ""), n_clicks=0),
        html.Span(id=told_id("")),
    ]
    return html.Div([page, *fields])


def weekly_body(shown: Shown, house: House) -> list[Any]:
    """Return everything between head and foot."""
    bar, nowhere = _bar(shown), dcc.Store(id=WeekIds.AT, data=[])
    if shown.lost:
        return [bar, nowhere, html.Div(html.Section(failed(), className="part"), className="sheet")]
    review, minutes = shown.review, shown.minutes
    if review is None or minutes is None or gone(review["doubts"]):
        return [bar, nowhere, html.Div(_nothing(shown), className="sheet")]
    drawn = shown.drawn if shown.drawn is not None else sheet_parts(shown, house)
    at = dcc.Store(id=WeekIds.AT, data=[review["week"], review["area"]])
    said = marks(
        {"data-foot": _foot(review), "data-week": review["week"], "data-area": review["area"]}
    )
    return [bar, at, html.Div(list(drawn), className="sheet", **said)]


def sheet_parts(shown: Shown, house: House) -> list[Component]:
    """Return the sheet in its four parts; the second and the last are the same for every reader."""
    review, view = shown.review, shown.view
    if review is None:
        return []
    return [
        html.Div(upper_parts(shown, house), className="parts"),
        html.Div(body_parts(review, view), className="parts"),
        html.Div(lower_parts(shown), className="parts"),
        html.Div(end_parts(review), className="parts"),
    ]


def upper_parts(shown: Shown, house: House) -> list[Component]:
    """Return what people act on: title, promises, totals, messages."""
    review, minutes = shown.review, shown.minutes
    if review is None or minutes is None:
        return []
    return [
        title_block(review, minutes, house.city),
        *reminder_list(minutes),
        follow_up(review, minutes, shown.rights),
        totals_block(review["totals"]),
        key_messages(review, minutes["edits"], shown.rights),
    ]


def body_parts(review: Review, view: WeekView) -> list[Component]:
    """Return scorecard, matrix, comparisons and closed loop."""
    return [
        scorecard(review),
        matrix(review, view),
        fair_comparison(review, view),
        closed_loop(review),
    ]


def lower_parts(shown: Shown) -> list[Component]:
    """Return what depends on the reader's scope and on frozen packs, and is only read."""
    if shown.review is None or shown.minutes is None:
        return []
    return [late_cases(shown.review, shown.late), restatements(shown.review, shown.minutes)]


def end_parts(review: Review) -> list[Component]:
    """Return gaps, bases and definitions."""
    return [
        gaps_list(review),
        html.Section([bases_fold(review["bases"]), definitions(review)], className="part p-foot"),
    ]


def _foot(review: Review) -> str:
    """Return the line at the foot of each printed page."""
    gaps = len(review["gaps"])
    said = _("no gap in the data") if not gaps else _("{n} gaps in the data").format(n=gaps)
    return _("Weekly review · {week} · {gaps}").format(week=week_word(review["week"]), gaps=said)


def _nothing(shown: Shown) -> list[Component]:
    """Return why there is no week to show, and which there are."""
    said = shown.wrong
    if not said and shown.review is not None:
        said = " ".join(doubt_sentence(d) for d in shown.review["doubts"])
    choice, view = shown.choice, shown.view
    parts: list[Component] = [html.H2(_("There is nothing to review here")), html.P(said)]
    if choice.first and choice.last:
        reach = _("Weeks from {first} to {last} can be looked at.")
        parts.append(html.P(reach.format(first=choice.first, last=choice.last)))
        parts.append(
            html.P(
                dcc.Link(
                    _("To the newest whole week"), href=address(view, week="", area=""),
                    className="btn main",
                )
            )
        )  # fmt: skip
    return [html.Section(parts, className="part stop1", role="alert")]


def _bar(shown: Shown) -> html.Div:
    """Return the choosers and buttons; not printed."""
    view, choice = shown.view, shown.choice
    now = view.week or choice.last
    steps = [
        dcc.Link("←", href=address(view, week=week_beside(now, -1)), className="btn prev",
                 title=_("Week before (←)")),
        html.Label(
            dcc.Input(id="weekly-week", value=now, className="inp week", maxLength=10),
            title=_("Week, such as {week}").format(week=choice.last), className="weekpick",
        ),
        dcc.Link("→", href=address(view, week=week_beside(now, 1)), className="btn next",
                 title=_("Week after (→)")),
    ]  # fmt: skip
    chips = [
        dcc.Link(
            name(n), href=address(view, area=code),
            className="chip on" if code in (view.area, choice.county) else "chip",
        )
        for code, n in choice.areas
    ]  # fmt: skip
    towns = [
        dcc.Link(
            name(n), href=address(view, area=code),
            className="chip on" if code == view.area else "chip",
        )
        for code, n in choice.towns
    ]  # fmt: skip
    rows: list[Any] = [
        html.Div([*steps, html.I(className="bar1"), *chips, html.Span(className="sp"),
                  *_buttons(shown)], className="brow"),
    ]  # fmt: skip
    if towns:
        rows.append(html.Div(towns, className="brow towns"))
    return html.Div([*rows, _help()], className="wbar")


def _buttons(shown: Shown) -> list[Any]:
    review, minutes, view = shown.review, shown.minutes, shown.view
    if review is None or minutes is None or gone(review["doubts"]):
        return []
    way = address(WeekView(review["week"], review["area"])).partition("?")[2]
    found: list[Any] = []
    if shown.rights.freeze and minutes["frozen"] is None:
        found.append(
            html.Button(_("Freeze this week"), id=act_id("freeze", review["week"]), n_clicks=0,
                        type="button", className="btn")
        )  # fmt: skip
        found.append(html.Span(id=told_id("freeze"), className="told", role="status"))
    found.append(html.Button(_("Print"), type="button", className="btn doprint", n_clicks=0))
    found += [
        html.A(kind.upper() if kind == "pdf" else {"xlsx": "Excel", "docx": "Word"}[kind],
               href=f"{PATH}/report.{kind}?{way}", className="btn dl",
               **marks({"data-busy": _("Being made …"), "data-failed": _("Cannot be made now")}))
        for kind in FORMATS
    ]  # fmt: skip
    key = _("Area page")
    found.append(html.A(key, href=f"/area/{review['area']}", className="btn"))
    found.append(
        html.Button("?", type="button", className="btn dohelp", n_clicks=0, title=_("Keys"))
    )
    return [*found, html.Span(view.week and "")]


def _help() -> html.Dialog:
    keys = {
        "←  →": _("week before, week after"),
        "P": _("print"),
        "?": _("this list"),
        "Esc": _("close"),
    }
    lines = [html.Div([html.Dt(html.Kbd(key)), html.Dd(word)]) for key, word in keys.items()]
    click = _("A head of a table sorts it; a head of a county opens its review.")
    return html.Dialog([html.H2(_("Keys")), html.Dl(lines), html.P(click)], className="whelp")
