"""The page of one domain: its indicators as cards, the areas below, cases, data gaps."""

from __future__ import annotations

from dataclasses import dataclass

from dash import dcc, html
from dash.development.base_component import Component

from components.board_ids import DOMAIN, BoardPageIds, BoardView, address
from components.board_parts import Here, cards, keys_help, stages, stepper, title, tools
from components.empty import failed
from components.formats import day_time
from components.i18n import _, name, use
from components.ids import marks
from components.page_frame import page_frame
from components.person import Signed
from components.review_fair import fair_comparison
from components.review_foot import gaps_list
from components.review_head import gone
from components.review_ids import WeekView
from components.review_matrix import matrix
from components.review_parts import nothing, section
from components.review_words import doubt_sentence
from data.vocabulary import Names
from data.vocabulary.boards import DomainBoard

PANEL = "desk"


@dataclass(frozen=True)
class Town:
    """The city a page belongs to, and this build of the program."""

    area: str
    city: Names
    build: str


@dataclass(frozen=True)
class DomainShown:
    """What is known. board None: wrong says what the address cannot mean, or the store is lost."""

    key: str
    board: DomainBoard | None = None
    wrong: str = ""
    newest: str = ""


def domain_page(
    shown: DomainShown, view: BoardView, town: Town, signed: Signed | None, *, lang: str, now: float
) -> html.Div:
    """Return the whole page with what is known now."""
    with use(lang):
        unseen: list[Component] = [
            dcc.Location(id=BoardPageIds.DOMAIN_URL, refresh=False),
            dcc.Store(id=BoardPageIds.DOMAIN_KEY, data=shown.key),
        ]
        body = html.Div(domain_body(shown, view), id=BoardPageIds.DOMAIN_BODY)
        return page_frame(
            [html.Div(body, className="weekly ind", tabIndex=0)],
            title=_("Domain"), path="/weekly", address=address(DOMAIN, shown.key, view),
            signed=signed, area=town.area, city=town.city, build=town.build, now=now,
            demo=bool(shown.board and shown.board["review"]["demo"]),
            id_=BoardPageIds.DOMAIN_ROOT, only=PANEL, unseen=unseen,
            look="light paper" if view.paper else "light",
        )  # fmt: skip


def domain_body(shown: DomainShown, view: BoardView) -> list[Component]:
    """Return everything between head and foot."""
    board = shown.board
    if board is None:
        inside = html.B(shown.wrong) if shown.wrong else failed()
        way = html.A(_("To the weekly review"), href="/weekly", className="btn main")
        return [html.Div(html.Div([inside, way], className="nothing"), className="sheet alone")]
    review, here = board["review"], Here(DOMAIN, shown.key, view)
    bar = _bar(board, here, shown.newest)
    beside = _("Led by {department} · as of {time}").format(
        department=name(board["lead"]), time=day_time(review["as_of"])
    )
    area = name(board["areas"].get(review["area"]))
    head = title(f"{name(board['name'])} · {area}", review, beside)
    said = marks({"data-foot": f"{name(board['name'])} · {area} · {review['week']}"})
    if gone(review["doubts"]):
        why = [nothing(doubt_sentence(d)) for d in review["doubts"]]
        return [bar, html.Div([head, *why], className="sheet", **said), keys_help()]
    return [
        bar,
        html.Div([head, *_parts(board, view)], className="sheet", **said),
        keys_help(),
    ]


def _parts(board: DomainBoard, view: BoardView) -> list[Component]:
    review = board["review"]
    week = WeekView(view.week, review["area"])
    chosen = "" if not board["above"] else f"&area={review['area']}"
    at = day_time(review["as_of"])
    note = _("strongest signal first; line with mean and limits, target dashed")
    return [
        section(_("Indicators"), cards(review["rows"], review), note=note, key="cards"),
        matrix(review, week),
        *([fair_comparison(review, week)] if review["fair"] else []),
        html.Div(
            [
                stages(board["stages"], f"/desk?domain={board['domain']}{chosen}", at),
                gaps_list(review),
            ],
            className="row2 even",
        ),
    ]


def _bar(board: DomainBoard, here: Here, newest: str) -> html.Div:
    """Return the controls: areas, week, other domains."""
    review = board["review"]
    ways: list[Component] = []
    for code in board["above"]:
        word = name(board["areas"][code])
        ways += [dcc.Link(word, href=here.at(area=code), className="crumb"), html.I("›")]
    ways.append(html.B(name(board["areas"][review["area"]]), className="crumb"))
    below = [
        dcc.Link(name(board["areas"][code]), href=here.at(area=code), className="chip")
        for code in board["below"]
    ]
    domains = [
        html.A(name(names), href=address(DOMAIN, key, here.view),
               className="chip on" if key == board["domain"] else "chip")
        for key, names in board["domains"].items()
    ]  # fmt: skip
    gap = html.Span(className="sp")
    return html.Div(
        [
            html.Div([*ways, html.I(className="bar1"), *below], className="brow"),
            html.Div(
                [*stepper(here, review["week"], newest), html.I(className="bar1"), *domains, gap,
                 *tools(here)],
                className="brow towns",
            ),
        ],
        className="wbar",
    )  # fmt: skip
