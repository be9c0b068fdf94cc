"""The sources page: who shares, how well, who has gone quiet, who owes what."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from components.debt_board import debt_board
from components.empty import failed
from components.i18n import _, language, name, use
from components.ids import Ids, Props, marks
from components.live_banner import live_banner
from components.person import Signed, person
from components.quiet_list import quiet_count, quiet_list
from components.screen_ids import SAID as SCREEN_SAID
from components.screen_ids import screen_act, screen_name
from components.self_checks import watch_view
from components.sources_drill import crumbs, fetch_drill, lost, run_drill, source_drill
from components.sources_head import STATES, departments, head, state_mark
from components.sources_ids import PATH, BoardIds, act_id, address, field_id, home
from components.sources_table import chosen, sources_table
from components.theme import SOURCE_WORDS
from data.sharing.words import Board, DebtRow, FetchDetail, RunDetail, RunPage, View
from data.vocabulary import Names
from data.vocabulary.screens import CheckRow, ScreenRow

ACTS = ("take", "move", "kept", "broken", "dropped")
FIELDS = ("owner", "due", "note", "said_by")


@dataclass(frozen=True)
class Shown:
    """Everything one view shows. board None: the store cannot be asked."""

    board: Board | None
    ended: Sequence[DebtRow] = ()
    runs: RunPage | None = None
    run: RunDetail | None = None
    fetch: FetchDetail | None = None
    acting: bool = False
    checks: Sequence[CheckRow] = ()
    screens: Sequence[ScreenRow] = ()
    keeping: bool = False
    """Whether displays may be named and retired."""
    by: str = ""
    """Who is signed in; without a name the forms ask for one, which nobody has checked."""


def sources_page(
    shown: Shown,
    view: View,
    *,
    lang: str,
    search: str,
    fill: Props,
    area: str,
    city: Names,
    build: str,
    now: float,
    signed: Signed | None = None,
) -> html.Div:
    """Return the whole page with what is known now.

    Args:
        shown: what the view shows.
        view: what the address asks for.
        lang: zh or en.
        search: the query of the address as the browser writes it, "" or with its "?".
        fill: what the published panel of sources writes into the footer.
        area: code of the city.
        city: name of the city.
        build: version of the program.
        now: server's clock, epoch seconds.
        signed: who is signed in.
    """
    with use(lang):
        return html.Div(
            [
                _header(bool(shown.board and shown.board["demo"]), person(signed, PATH + search)),
                html.Main(body(shown, view), id=BoardIds.BODY, className="bd"),
                _footer(fill, search),
                _banner(area, city, build, now),
                *_unseen(search),
            ],
            id=BoardIds.ROOT, className=f"wall-root page lang-{lang}", lang=lang,
            **marks({"data-states": _state_words()}),
        )  # fmt: skip


def _banner(area: str, city: Names, build: str, now: float) -> html.Div:
    return live_banner(
        area=area, home=area, areas={area: city}, build=build, now=now, only="sources"
    )


def _unseen(search: str) -> list[Component]:
    """Return what a press of a button said, the address, and what makes the page count again."""
    return [
        html.Div(id=BoardIds.SAID, className="said", role="status"),
        html.Div(id=SCREEN_SAID, className="said", role="status"),
        dcc.Location(id=BoardIds.URL, refresh=False, pathname=PATH, search=search, hash=""),
        dcc.Store(id=BoardIds.NUDGE, data=0),
    ]


def page_parts() -> html.Div:
    """Return everything that callbacks touch on the page, also what is drawn only now and then."""
    forms: list[Component] = [html.Button(id=act_id(a), n_clicks=0) for a in ACTS]
    forms += [dcc.Input(id=field_id(f)) for f in FIELDS]
    forms += [html.Button(id=screen_act("", "name"), n_clicks=0), dcc.Input(id=screen_name(""))]
    page = sources_page(
        Shown(None), View(), lang="zh", search="", fill={}, area="", city={"zh": "", "en": ""},
        build="", now=0.0,
    )  # fmt: skip
    return html.Div([page, *forms])


def _state_words() -> str:
    words = {str(k): _(w) for k, w in SOURCE_WORDS.items()}
    words |= {"ago": _("{t} ago"), "seconds": _("{n} s")}
    return json.dumps(words, ensure_ascii=False)


def _header(demo: bool, who: Component) -> html.Header:
    return html.Header(
        [
            html.Div(
                [
                    html.H1(_("Data sharing and quality")),
                    html.Span(_("Supervision"), className="area"),
                    html.Span(_("Demo data"), className="demo" if demo else "demo off"),
                ],
                className="ttl",
            ),
            html.Div(
                [html.A(_("City overview"), href="/", className="home"), who], className="resp"
            ),
            html.Div(
                [html.B(className="hm"), html.Span(className="day")],
                id=Ids.CLOCK,
                className="clock",
            ),
        ],
        className="hd",
    )


def _footer(fill: Props, search: str) -> html.Footer:
    other, word = ("en", "English") if language() == "zh" else ("zh", "中文")
    query = "&".join(p for p in search.removeprefix("?").split("&") if p and p[:5] != "lang=")
    return html.Footer(
        [
            html.Span(
                html.Span(
                    id=Ids.FOOTER, **fill.get(Ids.FOOTER, {"children": _("Sources: no data yet")})
                ),
                className="srcs",
            ),
            html.Span(className="age"),
            html.Span(className="sp"),
            html.Span(
                _("Bars: periods received an hour · hollow: none · orange: rows refused"),
                className="keyw",
            ),
            html.Span(className="sp"),
            html.A(
                word,
                id=Ids.LANGUAGE,
                href=f"{PATH}?lang={other}&{query}" if query else f"{PATH}?lang={other}",
                lang=other,
                className="lang",
            ),
        ],
        className="ft",
        **marks({"data-panel": "sources"}),
    )


def body(shown: Shown, view: View) -> list[Component]:
    """Return everything between head and foot; redrawn when the view or the facts change."""
    board = shown.board
    if board is None:
        return [html.Section(failed(), className="panel alone")]
    return [
        head(board),
        html.Div([departments(board, view), _right(board, shown, view)], className="cols"),
    ]


def _right(board: Board, shown: Shown, view: View) -> html.Section:
    if view.source or view.run or view.fetch:
        return _drill(board, shown, view)
    inside: dict[str, Any] = {
        "sources": lambda: [sources_table(board, view)],
        "quiet": lambda: quiet_list(board, view),
        "debts": lambda: debt_board(board, shown.ended, view, acting=shown.acting, by=shown.by),
        "watch": lambda: watch_view(
            shown.checks, shown.screens, now=board["now"], keeping=shown.keeping
        ),
    }
    scroll = html.Div(inside[view.tab](), className=f"scroll in-{view.tab}", tabIndex=0)
    above = [] if view.tab == "watch" else [_filters(board, view)]
    tabs = _tabs(board, view, _troubles(shown.checks))
    return html.Section([tabs, *above, scroll], className="panel rt2")


def _troubles(checks: Sequence[CheckRow]) -> int:
    return sum(1 for check in checks if check["level"] in ("warn", "bad"))


def _drill(board: Board, shown: Shown, view: View) -> html.Section:
    key = view.source
    if shown.fetch is not None:
        key = shown.fetch["source"]
    elif shown.run is not None:
        key = shown.run["source"]
    line = next((s for s in board["sources"] if s["key"] == key), None)
    said = lost(view)
    if view.fetch:
        said = fetch_drill(shown.fetch, view) if shown.fetch else said
    elif view.run:
        said = run_drill(shown.run, view) if shown.run else said
    elif line is not None and shown.runs is not None:
        said = source_drill(line, shown.runs, view)
    inside = html.Div(said, className="scroll drill", tabIndex=0)
    return html.Section([crumbs(view, line), inside], className="panel rt2")


def _tabs(board: Board, view: View, troubles: int) -> html.Nav:
    words = {
        "sources": (_("Sources"), len(chosen(board, view))),
        "quiet": (_("Quiet and odd"), quiet_count(board, view)),
        "debts": (_("Data debts"), len(board["debts"])),
        "watch": (_("Self-checks and displays"), troubles),
    }
    links = [
        dcc.Link(
            [word, html.B(str(count))],
            href=address(view, tab=tab, debt=0, propose=""),
            className="vtab on" if view.tab == tab else "vtab",
        )
        for tab, (word, count) in words.items()
    ]
    return html.Nav(links, className="tabs", **marks({"aria-label": _("Views")}))


def _filters(board: Board, view: View) -> html.Div:
    counts = Counter(s["state"] for s in board["sources"])
    states = [
        dcc.Link(
            [state_mark(s.value), html.B(str(counts[s.value]))],
            href=home(view, state="" if view.state == s else s.value),
            className="chip on" if view.state == s else "chip",
        )
        for s in STATES
        if view.tab != "debts" and (counts[s.value] or view.state == s)
    ]
    domains = [
        dcc.Link(
            name(n),
            href=home(view, domain="" if view.domain == key else key),
            className="chip on" if view.domain == key else "chip",
        )
        for key, n in board["domains"].items()
    ]
    search = html.Form(
        dcc.Input(
            name="q", value=view.q, type="search", className="inp", placeholder=_("Find"),
            debounce=True, maxLength=60,
        ),
        action=PATH, method="get", className="find", role="search",
    )  # fmt: skip
    bar = html.I(className="bar1")
    every: list[Component] = [
        *states,
        *([bar] if states else []),
        *domains,
        html.Span(className="sp"),
    ]
    if view.state or view.dept or view.domain or view.q:
        every.append(
            dcc.Link(_("Clear filters"), href=address(View(tab=view.tab)), className="btn")
        )
    return html.Div([*every, search], className="filters")
