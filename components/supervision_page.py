"""The supervision page: who keeps the limits, which marks stand and why, whose is what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dash import dcc, html
from dash.development.base_component import Component

from components.dispatch_table import dispatch_list
from components.empty import failed
from components.formats import day_time, local
from components.i18n import _, name, ngettext, use
from components.page_frame import page_frame
from components.person import Signed
from components.supervision_cards import card_list, owner_list
from components.supervision_ids import (
    PANEL,
    PATH,
    WEEKS,
    WatchIds,
    WatchView,
    address,
    owner_act_id,
    owner_field_id,
)
from components.supervision_table import group_table
from data.vocabulary import Names
from data.vocabulary.dispatches import DispatchBoard
from data.vocabulary.supervision import SupervisionBoard


@dataclass(frozen=True)
class Place:
    """Where the page stands."""

    area: str
    city: Names
    build: str


def supervision_page(
    board: SupervisionBoard | None,
    view: WatchView,
    place: Place,
    signed: Signed | None,
    *,
    lang: str,
    now: float,
    deciding: bool,
    wrong: DispatchBoard | None = None,
) -> html.Div:
    """Return the whole page; board None: the store cannot be asked. deciding: see owner_list.

    wrong: dispatches that came back; None where they are not for the reader.
    """
    with use(lang):
        unseen: list[Component] = [
            html.Div(id=WatchIds.SAID, className="said", role="status"),
            dcc.Location(id=WatchIds.URL, refresh=False),
            dcc.Store(id=WatchIds.NUDGE, data=0),
        ]
        return page_frame(
            [html.Div(watch_body(board, view, deciding=deciding, wrong=wrong), id=WatchIds.BODY,
                      className="watch")],
            title=_("Supervision"), path=PATH, address=address(view), signed=signed,
            area=place.area, city=place.city, build=place.build, now=now,
            demo=bool(board and board["demo"]), id_=WatchIds.ROOT, only=PANEL,
            foot=_("Rates are over cases that fell due; open ones count as long as they were seen"),
            unseen=unseen,
        )  # fmt: skip


def page_parts() -> html.Div:
    """Return everything that callbacks touch, also what is drawn only now and then."""
    page = supervision_page(
        None, WatchView(), Place("", {"zh": "", "en": ""}, ""), None,
        lang="zh", now=0.0, deciding=False,
    )  # fmt: skip
    fields: list[Component] = [
        dcc.Dropdown([], id=owner_field_id("department")),
        dcc.Input(id=owner_field_id("reason")),
        html.Button(id=owner_act_id(0), n_clicks=0),
    ]
    return html.Div([page, *fields])


def watch_body(
    board: SupervisionBoard | None, view: WatchView, *, deciding: bool,
    wrong: DispatchBoard | None = None,
) -> list[Component]:  # fmt: skip
    """Return everything between head and foot."""
    if board is None:
        return [html.Section(failed(), className="panel alone")]
    table = html.Div(group_table(board, view), className="scroll", tabIndex=0)
    left = html.Section([_views(board, view), _period(board), table], className="panel rt2")
    return [left, _right(board, view, wrong, deciding=deciding)]


def _right(
    board: SupervisionBoard, view: WatchView, wrong: DispatchBoard | None, *, deciding: bool
) -> html.Aside:
    ended = dcc.Link(
        _("With ended ones"), href=address(view, ended=not view.ended),
        className="chip on" if view.ended else "chip",
    )  # fmt: skip
    standing = sum(board["whole"]["cards"].values())
    said = ngettext("{n} stands", "{n} stand", standing)
    cards: list[Component] = [
        html.Div([html.H2(_("Supervision cards")), html.Span(said, className="st"), ended],
                 className="ph"),
        *([_quiet(board)] if board["late"] else []),
        html.Div(card_list(board), className="scroll", tabIndex=0),
    ]  # fmt: skip
    owners: list[Component] = [
        html.Div(html.H2(_("Who owns this")), className="ph"),
        html.Div(owner_list(board, view, deciding=deciding), className="scroll", tabIndex=0),
    ]
    back: list[Component] = [
        html.Div(
            [html.H2(_("Wrong dispatches by who dispatched")),
             html.A(_("Duty list"), href="/duties", className="chip")],
            className="ph",
        ),
        html.Div(dispatch_list(wrong), className="scroll", tabIndex=0),
    ]  # fmt: skip
    return html.Aside(
        [
            html.Section(cards, className="panel cards"),
            html.Section(owners, className="panel own"),
            html.Section(back, className="panel back"),
        ],
        className="side",
    )


def _quiet(board: SupervisionBoard) -> html.P:
    names = _(", ").join(name(n) for n in board["late"])
    said = _("Not heard now, so their cases raise no cards: {names}").format(names=names)
    return html.P(said, className="hint")


def _views(board: SupervisionBoard, view: WatchView) -> html.Div:
    words = {
        "department": _("By department"), "county": _("By county"), "category": _("By category"),
    }  # fmt: skip
    bys = [_chip(word, address(view, by=by), on=view.by == by) for by, word in words.items()]
    weeks = [
        _chip(ngettext("{n} week", "{n} weeks", n), address(view, weeks=n), on=view.weeks == n)
        for n in WEEKS
    ]
    bar = html.I(className="bar1")
    return html.Div(
        [
            *bys,
            bar,
            *weeks,
            bar,
            *_chosen(board["domains"], "domain", view),
            html.Span(className="sp"),
            *_only(board["departments"], "department", view),
            *_only(board["counties"], "area", view),
        ],
        className="filters",
    )


def _chip(word: str, href: str, *, on: bool) -> dcc.Link:
    return dcc.Link(word, href=href, className="chip on" if on else "chip")


def _chosen(names: Mapping[str, Names], field: str, view: WatchView) -> list[Component]:
    now = getattr(view, field)
    return [
        _chip(name(n), address(view, **{field: "" if now == key else key}), on=now == key)
        for key, n in names.items()
    ]


def _only(names: Mapping[str, Names], field: str, view: WatchView) -> list[Component]:
    """Return the way back from one department or county that is looked at alone."""
    key = getattr(view, field)
    if not key:
        return []
    said = _("Only {name} ✕").format(name=name(names.get(key)) or key)
    return [_chip(said, address(view, **{field: ""}), on=True)]


def _period(board: SupervisionBoard) -> html.P:
    start, end = local(board["start"]), local(board["end"] - 1)
    said = _("Limits that fell from {start} to {end} · counted {now} · source: case store").format(
        start=f"{start:%Y-%m-%d}", end=f"{end:%Y-%m-%d}", now=day_time(board["as_of"])
    )
    return html.P(said, className="hint")
