"""The page of one area across all domains: 横向到边、纵向到底."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dash import dcc, html
from dash.development.base_component import Component

from components.board_ids import AREA, BoardPageIds, BoardView, address
from components.board_parts import (
    Here,
    keys_help,
    residents_word,
    sisters,
    stages,
    stepper,
    title,
    tools,
)
from components.domain_page import PANEL, Town
from components.empty import failed
from components.formats import day_time
from components.i18n import N_, _, name, use
from components.ids import marks
from components.page_frame import page_frame
from components.person import Signed
from components.review_foot import gaps_list
from components.review_head import gone, totals_block
from components.review_loop import closed_loop
from components.review_parts import nothing, section
from components.review_promises import Rights, follow_up
from components.review_score import scorecard
from components.review_words import doubt_sentence
from data.vocabulary import Names
from data.vocabulary.boards import AreaBoard

KINDS: Mapping[str, str] = {
    "city": N_("city"),
    "county": N_("county or district"),
    "zone": N_("functional zone"),
    "town": N_("town"),
    "township": N_("township"),
    "subdistrict": N_("subdistrict"),
}


@dataclass(frozen=True)
class AreaShown:
    """What is known. board None: wrong says what the address cannot mean, or the store is lost."""

    key: str
    board: AreaBoard | None = None
    wrong: str = ""
    newest: str = ""


def area_page(
    shown: AreaShown, view: BoardView, town: Town, signed: Signed | None, *, lang: str, now: float
) -> html.Div:
    """Return the whole page with what is known now."""
    with use(lang):
        unseen: list[Component] = [
            dcc.Location(id=BoardPageIds.AREA_URL, refresh=False),
            dcc.Store(id=BoardPageIds.AREA_KEY, data=shown.key),
        ]
        body = html.Div(area_body(shown, view), id=BoardPageIds.AREA_BODY)
        return page_frame(
            [html.Div(body, className="weekly ind", tabIndex=0)],
            title=_("Area"), path="/weekly", address=address(AREA, shown.key, view),
            signed=signed, area=town.area, city=town.city, build=town.build, now=now,
            demo=bool(shown.board and shown.board["review"]["demo"]),
            id_=BoardPageIds.AREA_ROOT, only=PANEL, unseen=unseen,
            look="light paper" if view.paper else "light",
        )  # fmt: skip


def area_body(shown: AreaShown, view: BoardView) -> list[Component]:
    """Return everything between head and foot."""
    board = shown.board
    if board is None:
        inside = html.B(shown.wrong) if shown.wrong else failed()
        way = html.A(_("To the weekly review"), href="/weekly", className="btn main")
        return [html.Div(html.Div([inside, way], className="nothing"), className="sheet alone")]
    review, here = board["review"], Here(AREA, shown.key, view)
    bar = _bar(board, here, shown.newest)
    kind = _(KINDS.get(board["kind"], board["kind"]))
    beside = f"{kind} · {residents_word(board['residents'])} · " + _("as of {time}").format(
        time=day_time(review["as_of"])
    )
    head = title(name(board["name"]), review, beside)
    said = marks({"data-foot": f"{name(board['name'])} · {review['week']}"})
    inside_: list[Component] = [head]
    if gone(review["doubts"]):
        inside_ += [nothing(doubt_sentence(d)) for d in review["doubts"]]
    else:
        inside_ += _parts(board)
    return [bar, html.Div(inside_, className="sheet", **said), keys_help()]


def _parts(board: AreaBoard) -> list[Component]:
    review = board["review"]
    at = day_time(review["as_of"])
    chosen = "" if board["level"] == 1 else f"?area={board['area']}"
    return [
        totals_block(review["totals"]),
        scorecard(review),
        *_without(board),
        html.Div(
            [
                stages(board["stages"], f"/desk{chosen}", at),
                sisters(board["sisters"], board["name"]),
            ],
            className="row2 even",
        ),
        closed_loop(review),
        follow_up(review, board["minutes"], Rights()),
        gaps_list(review),
    ]


def _without(board: AreaBoard) -> list[Component]:
    """Return the indicators that the area does not have: named, never just left out."""
    if not board["without"]:
        return []
    names = _(", ").join(name(m["name"]) for m in board["without"])
    said = _("These are not told by area here, so nothing is concluded about them: {names}")
    return [section(_("Indicators without numbers here"), [html.P(said.format(names=names))],
                    key="without")]  # fmt: skip


def _bar(board: AreaBoard, here: Here, newest: str) -> html.Div:
    """Return the controls: the way up, beside and down, and the week."""
    review, names = board["review"], board["areas"]
    ways: list[Component] = []
    for code in board["above"]:
        ways += [_to(code, names, here, "crumb"), html.I("›")]
    ways.append(html.B(name(board["name"]), className="crumb"))
    down = [_to(code, names, here, "chip") for code in board["below"]]
    beside = [_to(code, names, here, "chip") for code in board["beside"]] if not down else []
    gap = html.Span(className="sp")
    weekly = html.A(
        _("Weekly review"), href=f"/weekly?area={board['area']}&week={review['week']}",
        className="btn",
    )  # fmt: skip
    return html.Div(
        [
            html.Div([*ways, html.I(className="bar1"), *down, *beside], className="brow"),
            html.Div(
                [*stepper(here, review["week"], newest), gap, weekly, *tools(here)],
                className="brow towns",
            ),
        ],
        className="wbar",
    )


def _to(code: str, names: Mapping[str, Names], here: Here, kind: str) -> html.A:
    """Return the way to another area in the same week."""
    return html.A(name(names[code]), href=address(AREA, code, here.view), className=kind)
