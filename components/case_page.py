"""The page of one case: everything on one page, on the screen and on paper."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from urllib.parse import urlencode

from dash import dcc, html
from dash.development.base_component import Component

from components.case_acts import Acting, case_acts, every_form
from components.case_around import case_around
from components.case_asked import case_asked
from components.case_bar import court_bar
from components.case_clocks import case_clocks
from components.case_head import case_head, source_note
from components.case_ids import CaseIds, case_address, field_id, wrong_id
from components.case_place import case_place
from components.case_timeline import case_timeline
from components.case_times import full
from components.case_work import case_work
from components.empty import failed
from components.i18n import _, language, use
from components.ids import Ids, marks
from components.live_banner import live_banner
from components.person import Signed, person
from data.cases.page import CasePage
from data.vocabulary import Names

PANEL = "desk"
"""The published panel that tells which cases moved."""


@dataclass(frozen=True)
class CaseShown:
    """What is known of a case. page None: there is none for this reader, or the store is lost."""

    no: str
    page: CasePage | None = None
    lost: bool = False
    acting: Acting = field(default_factory=Acting)


@dataclass(frozen=True)
class House:
    """The city the page belongs to, and this build of the program."""

    area: str
    city: Names
    title: Names
    build: str


def case_page(
    shown: CaseShown, signed: Signed | None, house: House, *, paper: bool, lang: str, now: float
) -> html.Div:
    """Return the whole page with what is known now.

    Args:
        shown: the case and what may be done to it.
        signed: who is signed in.
        house: city and build.
        paper: as it is printed: light, one column.
        lang: zh or en.
        now: server's clock, epoch seconds.
    """
    with use(lang):
        return html.Div(
            [
                _header(shown, signed),
                html.Main(_main(shown), className="cbody"),
                _footer(shown, paper=paper),
                live_banner(area=house.area, home=house.area, areas={house.area: house.city},
                            build=house.build, now=now, only=PANEL),
                *_unseen(shown),
            ],
            id=CaseIds.ROOT,
            className=f"wall-root page casep lang-{lang}" + (" paper" if paper else ""),
            lang=lang,
            **marks(_facts(shown, signed)),
        )  # fmt: skip


def _facts(shown: CaseShown, signed: Signed | None) -> dict[str, str]:
    """Return what the browser's script must know."""
    words = {
        "unanswered": _("The server did not confirm. What you typed is kept on this computer; "
                        "send it again when the connection is back."),
        "kept": _("Draft kept on this computer"),
        "moved": _("The case has moved on meanwhile. What you typed is kept."),
        "over": _("{n} of {limit} letters: too long"),
        "count": _("{n} of {limit}"),
        "restored": _("Draft of {time} restored"),
    }  # fmt: skip
    return {
        "data-me": str(signed.id) if signed else "",
        "data-no": shown.no,
        "data-sheet": _sheet(shown),
        "data-words": json.dumps(words, ensure_ascii=False),
    }


def _sheet(shown: CaseShown) -> str:
    """Return what stands at the foot of every printed sheet."""
    said = [_("Case"), shown.no]
    if shown.page is not None:
        said.append(_("As of {time}").format(time=full(shown.page.now)))
        if shown.page.demo:
            said.append(_("Demo data"))
    return " · ".join(said)


def _header(shown: CaseShown, signed: Signed | None) -> html.Header:
    demo = bool(shown.page and shown.page.demo)
    ways = (("/desk", _("Operations desk")), ("/", _("City overview")))
    return html.Header(
        [
            html.Div(
                [
                    html.H1(_("Case")),
                    html.Span(shown.no, className="area"),
                    html.Span(_("Demo data"), className="demo" if demo else "demo off"),
                ],
                className="ttl",
            ),
            html.Div(
                [
                    html.Nav([html.A(w, href=h, className="btn") for h, w in ways],
                             className="ways"),
                    person(signed, case_address(shown.no)),
                ],
                className="resp",
            ),
            html.Div(
                [html.B(className="hm"), html.Span(className="day")],
                id=Ids.CLOCK,
                className="clock",
            ),
        ],
        className="hd",
    )  # fmt: skip


def _main(shown: CaseShown) -> list[Component]:
    if shown.page is None:
        return [html.Section(failed() if shown.lost else not_found(shown.no),
                             className="panel alone")]  # fmt: skip
    parts = case_parts(shown.page)
    return [
        html.Div(parts[CaseIds.HEAD], id=CaseIds.HEAD, className="chead panel"),
        html.Div(
            [
                html.Aside(parts[CaseIds.LEFT], id=CaseIds.LEFT, className="col", tabIndex=0),
                html.Div(parts[CaseIds.MIDDLE], id=CaseIds.MIDDLE, className="col", tabIndex=0),
                html.Aside(
                    [
                        html.Div(case_acts(shown.page, shown.acting), id=CaseIds.ACTS),
                        html.Div(parts[CaseIds.RIGHT], id=CaseIds.RIGHT),
                    ],
                    className="col",
                    tabIndex=0,
                ),
            ],
            className="ccols",
        ),
    ]


def case_parts(page: CasePage) -> dict[CaseIds, list[Component]]:
    """Return the inside of every part but the acts; drawn again when the case moved."""
    note = source_note(page.head)
    return {
        CaseIds.HEAD: case_head(page),
        CaseIds.LEFT: [*case_place(page), *case_around(page)],
        CaseIds.MIDDLE: [
            *([note] if note else []),
            court_bar(page),
            case_clocks(page),
            *case_work(page),
            case_timeline(page),
        ],
        CaseIds.RIGHT: case_asked(page),
    }


def not_found(no: str) -> html.Div:
    """Return the words for a case that is not there, or not for this reader: the same."""
    said = _("There is no case {no} in your scope.").format(no=no)
    more = _("The number may be mistyped, or the case belongs to another area or department.")
    way = html.A(_("To the operations desk"), href="/desk", className="btn main")
    return html.Div([html.B(said), html.P(more), way], className="nothing")


def as_of(shown: CaseShown) -> str:
    """Return when what the page shows was asked of the store, "" without a case."""
    return _("As of {time}").format(time=full(shown.page.now)) if shown.page else ""


def _footer(shown: CaseShown, *, paper: bool) -> html.Footer:
    other, word = ("en", "English") if language() == "zh" else ("zh", "中文")
    here = case_address(shown.no)
    asked = urlencode({"print": "1"})
    turn = (_("Screen view"), here) if paper else (_("Print view"), f"{here}?{asked}")
    return html.Footer(
        [
            html.Span(as_of(shown), id=CaseIds.AS_OF, className="srcs asof"),
            html.Span(className="sp"),
            html.Span(
                [html.Kbd("n"), _("note"), html.Kbd("p"), _("print"), html.Kbd("Esc"), _("close")],
                className="keyw",
            ),
            html.Span(className="sp"),
            html.A(turn[0], href=turn[1], className="btn turn"),
            html.Button(_("Print"), type="button", className="btn doprint"),
            html.A(word, id=Ids.LANGUAGE, href=f"{here}?lang={other}", lang=other,
                   className="lang"),
        ],
        className="ft",
        **marks({"data-panel": PANEL}),
    )  # fmt: skip


def _unseen(shown: CaseShown) -> list[Component]:
    return [
        html.Div(id=CaseIds.SAID, className="said", role="status"),
        html.Span(
            str(shown.page.head.version if shown.page else 0), id=CaseIds.VERSION, className="off"
        ),
        dcc.Store(id=CaseIds.NO, data=shown.no),
        dcc.Store(id=CaseIds.NUDGE, data=0),
        dcc.Store(id=CaseIds.BUSY, data=False),
    ]


def page_parts(house: House) -> html.Div:
    """Return everything that callbacks touch on the page, also what is drawn only now and then."""
    page = case_page(CaseShown(""), None, house, paper=False, lang="zh", now=0.0)
    ids = (CaseIds.HEAD, CaseIds.LEFT, CaseIds.MIDDLE, CaseIds.RIGHT, CaseIds.ACTS)
    drawn: list[Component] = [html.Div(id=i) for i in ids]
    fields = [dcc.Textarea(id=field_id("x", "x")), html.Span(id=wrong_id("x", "x"))]
    return html.Div([page, every_form(), *drawn, *fields])
