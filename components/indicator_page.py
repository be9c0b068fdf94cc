"""The page of one indicator: chart and facts, areas, definition, discussion, evidence."""

from __future__ import annotations

from dataclasses import dataclass

from dash import dcc, html
from dash.development.base_component import Component

from components.chart_template import config
from components.empty import failed
from components.formats import day_time
from components.i18n import _, name, ngettext, use
from components.ids import marks
from components.indicator_areas import areas
from components.indicator_chart import indicator_chart
from components.indicator_definition import definition
from components.indicator_facts import doubts, facts
from components.indicator_ids import (
    GRAINS,
    MOST_DAYS_OF,
    SPANS,
    IndicatorIds,
    IndicatorView,
    address,
    data_address,
    take_back_id,
)
from components.indicator_talk import form, talk
from components.indicator_words import GRAIN_WORDS, period_word
from components.page_frame import page_frame
from components.person import Signed
from components.review_parts import nothing, section
from components.spc_icons import variation_icon
from data.vocabulary import Names
from data.vocabulary.indicator_page import IndicatorPage
from data.vocabulary.review_terms import Doubt, Signal

PANEL = "desk"


@dataclass(frozen=True)
class Place:
    """The city the page belongs to, and this build of the program."""

    area: str
    city: Names
    build: str


@dataclass(frozen=True)
class IndicatorShown:
    """What is known of an indicator in an area.

    page None: there is no such indicator or area, or the store is lost. grains: by what periods
    it can be looked at; most: weeks there are. writing, own, leading: of the discussion.
    """

    code: str
    page: IndicatorPage | None = None
    lost: bool = False
    grains: tuple[str, ...] = GRAINS
    writing: bool = False
    own: str = ""
    leading: bool = False
    unknown: str = ""
    """area or indicator: which of the two is not known"""
    asked: str = ""
    """the area that is not known"""


def indicator_page(
    shown: IndicatorShown, view: IndicatorView, place: Place, signed: Signed | None, *,
    lang: str, now: float,
) -> html.Div:  # fmt: skip
    """Return the whole page with what is known now."""
    with use(lang):
        unseen: list[Component] = [
            dcc.Location(id=IndicatorIds.URL, refresh=False),
            dcc.Store(id=IndicatorIds.CODE, data=shown.code),
            dcc.Store(id=IndicatorIds.NUDGE, data=0),
            html.Div(id=IndicatorIds.SAID, className="said", role="status"),
        ]
        whole = html.Div(
            [
                html.Div(indicator_body(shown, view), id=IndicatorIds.BODY),
                html.Div(id=IndicatorIds.PROOF, className="sheet proof"),
            ],
            className="weekly ind",
            tabIndex=0,
        )
        return page_frame(
            [whole], title=_("Indicator"), path="/weekly", address=address(shown.code, view),
            signed=signed, area=place.area, city=place.city, build=place.build, now=now,
            demo=bool(shown.page and shown.page["demo"]), id_=IndicatorIds.ROOT, only=PANEL,
            foot=_foot(shown.page), unseen=unseen,
            look="light paper" if view.paper else "light",
        )  # fmt: skip


def _foot(page: IndicatorPage | None) -> str:
    if page is None:
        return ""
    return _("Counted {time} from roll-ups · source: {source}").format(
        time=day_time(page["as_of"]), source=name(page["measure"]["source"])
    )


def page_parts(place: Place) -> html.Div:
    """Return everything that callbacks touch on the page, also what is drawn now and then."""
    page = indicator_page(IndicatorShown(""), IndicatorView(), place, None, lang="zh", now=0.0)
    return html.Div(
        [
            page,
            dcc.Graph(id=IndicatorIds.CHART),
            form(),
            html.Button(id=take_back_id(0), n_clicks=0),
        ]
    )


def indicator_body(shown: IndicatorShown, view: IndicatorView) -> list[Component]:
    """Return everything between head and foot but the evidence."""
    page = shown.page
    if page is None:
        return [html.Div(failed() if shown.lost else not_found(shown), className="sheet alone")]
    inside: list[Component] = [
        _title(page),
        html.Div(
            [
                html.Section(_chart(page), className="part p-chart"),
                html.Aside(facts(page), className="part p-facts"),
            ],
            className="row1",
        ),
        _below(shown, page, view),
    ]
    said = {"data-foot": _paper_foot(page)}
    return [
        _bar(shown, page, view),
        html.Div(inside, className="sheet", **marks(said)),
        _help(),
    ]


def _below(shown: IndicatorShown, page: IndicatorPage, view: IndicatorView) -> html.Div:
    """Return areas, discussion and definition; a short list of areas leaves its room to others."""
    talked = section(_("Discussion"), _talk(shown, page), key="talk")
    held = section(_("Definition and versions"), definition(page), key="definition")
    near = section(_areas_title(page), areas(page, view), key="areas")
    few = all(x["doubt"] is Doubt.NOT_HERE for x in page["below"])
    left, right = ([held, near], [talked]) if few else ([near], [talked, held])
    return html.Div([html.Div(left), html.Div(right)], className="row2")


def _paper_foot(page: IndicatorPage) -> str:
    """Return what stands at the foot of every printed sheet."""
    said = [name(page["measure"]["name"]), page["measure"]["code"], _foot(page)]
    if page["demo"]:
        said.append(_("Demo data"))
    return " · ".join(said)


def not_found(shown: IndicatorShown) -> html.Div:
    """Return the words for an indicator or an area that is not there."""
    if shown.unknown == "area":
        said = _("There is no area {code}.").format(code=shown.asked)
    else:
        said = _("There is no indicator {code}.").format(code=shown.code)
    more = _("The address may be mistyped. Every indicator stands on the weekly page.")
    way = html.A(_("To the weekly review"), href="/weekly", className="btn main")
    return html.Div([html.B(said), html.P(more), way], className="nothing")


def _bar(shown: IndicatorShown, page: IndicatorPage, view: IndicatorView) -> html.Div:
    """Return the controls: areas, chosen period, grain, length, what can be taken out."""
    code = page["measure"]["code"]
    word = _("Close the evidence") if view.proof else _("Evidence")
    paper = _("Screen view") if view.paper else _("Print view")
    return html.Div(
        [
            html.Div([*_crumbs(page, view), html.Span(className="sp"), *_ways(page)],
                     className="brow"),
            html.Div(
                [
                    *_stepper(page, view),
                    html.I(className="bar1"),
                    *_choices(shown, page, view),
                    html.Span(className="sp"),
                    dcc.Link(word, href=address(code, view, proof=not view.proof),
                             className="btn evid"),
                    html.A("CSV", href=data_address(code, "csv", view), className="btn"),
                    html.A("Excel", href=data_address(code, "xlsx", view), className="btn"),
                    html.A(paper, href=address(code, view, paper=not view.paper),
                           className="btn turn"),
                    html.Button(_("Keys"), type="button", className="btn dohelp"),
                ],
                className="brow towns",
            ),
        ],
        className="wbar",
    )  # fmt: skip


def _help() -> html.Dialog:
    """Return the keys of the page."""
    keys = [
        (("←", "→"), _("earlier and later period")),
        (("e",), _("evidence of the chosen period")),
        (("p",), _("print")),
        (("?",), _("these keys")),
        (("Esc",), _("close")),
    ]
    lines = [html.Div([html.Dt([html.Kbd(k) for k in ks]), html.Dd(word)]) for ks, word in keys]
    shut = html.Form(html.Button(_("Close"), className="btn main"), method="dialog")
    return html.Dialog([html.H2(_("Keys")), html.Dl(lines), shut], className="whelp")


def _crumbs(page: IndicatorPage, view: IndicatorView) -> list[Component]:
    """Return the way from the city down to this area."""
    code = page["measure"]["code"]
    ways: list[Component] = []
    for area in page["above"]:
        ways += [
            dcc.Link(name(page["areas"][area]), href=address(code, view, area=area),
                     className="crumb"),
            html.I("›"),
        ]  # fmt: skip
    return [*ways, html.B(name(page["areas"][page["area"]]), className="crumb")]


def _ways(page: IndicatorPage) -> list[Component]:
    """Return the ways to the other pages that speak of this area, domain or its cases."""
    week = f"&week={page['period']}" if page["grain"] == "week" else ""
    found: list[Component] = [
        html.A(_("All indicators of this area"), href=f"/area/{page['area']}", className="btn"),
        html.A(name(page["domain"]), href=f"/domain/{page['measure']['domain']}", className="btn"),
        html.A(_("Weekly review"), href=f"/weekly?area={page['area']}{week}", className="btn"),
    ]
    if page["cases"]:
        found.append(html.A(_("Open cases"), href=_desk(page), className="btn"))
    return found


def _desk(page: IndicatorPage) -> str:
    area = "" if not page["above"] else f"&area={page['area']}"
    return f"/desk?domain={page['cases']}{area}"


def _title(page: IndicatorPage) -> html.Header:
    m = page["measure"]
    head: list[Component] = [
        html.H2(name(m["name"])),
        html.Span(name(page["areas"][page["area"]]), className="area"),
    ]
    if page["demo"]:
        head.append(html.Span(_("Demo data"), className="mk demo"))
    said = f"{m['code']} · {name(m['unit'])} · {name(page['domain'])} · {name(m['department'])}"
    lines = html.Div([html.Span(_chosen_word(page)), html.Span(said)], className="t2")
    return html.Header([html.Div(head, className="t1"), lines], className="title")


def _stepper(page: IndicatorPage, view: IndicatorView) -> list[Component]:
    """Return the chosen period with the way to its neighbours; the arrow keys go there too."""
    code = page["measure"]["code"]
    found = [
        _step("‹", page["before"], code, view, "prev", _("Period before")),
        html.B(page["period"], className="at"),
        _step("›", page["after"], code, view, "next", _("Period after")),
    ]
    if page["period"] != page["newest"]:
        found.append(dcc.Link(_("Newest"), href=address(code, view, at=""), className="chip"))
    return found


def _chosen_word(page: IndicatorPage) -> str:
    if page["chosen"] >= 0:
        return period_word(page["grain"], page["points"][page["chosen"]])
    return page["period"]


def _step(sign: str, period: str, code: str, view: IndicatorView, rel: str, word: str) -> Component:
    if not period:
        return html.Span(sign, className="chip none", title=word)
    return dcc.Link(sign, href=address(code, view, at=period), className=f"chip {rel}", title=word)


def _choices(shown: IndicatorShown, page: IndicatorPage, view: IndicatorView) -> list[Component]:
    code = page["measure"]["code"]
    grains = [
        _chip(_(GRAIN_WORDS[g]), address(code, view, grain=g), on=g == page["grain"])
        for g in shown.grains
    ]
    spans = [
        _chip(_span_word(n), address(code, view, weeks=n), on=n == _weeks(page, view))
        for n in SPANS
        if page["grain"] != "day" or n <= MOST_DAYS_OF
    ]
    return [*grains, html.I(className="bar1"), *spans]


def _weeks(page: IndicatorPage, view: IndicatorView) -> int:
    """Return how many weeks are drawn."""
    return min(view.weeks, MOST_DAYS_OF) if page["grain"] == "day" else view.weeks


def _chip(word: str, href: str, *, on: bool) -> dcc.Link:
    return dcc.Link(word, href=href, className="chip on" if on else "chip")


def _span_word(weeks: int) -> str:
    if weeks == SPANS[0]:
        return _("half a year")
    return ngettext("{n} year", "{n} years", weeks // 52)


def _chart(page: IndicatorPage) -> list[Component]:
    if not page["points"]:
        return [nothing(_("Nothing was ever told here, so there is no chart.")), *doubts(page)]
    return [
        _legend(page),
        dcc.Graph(
            id=IndicatorIds.CHART, figure=indicator_chart(page), config=config(), responsive=True,
            className="graph", style={"height": "33rem"},
        ),
        *doubts(page),
    ]  # fmt: skip


def _legend(page: IndicatorPage) -> html.Div:
    """Return what the marks of the chart mean."""
    found: list[Component] = [
        html.Span(_("value"), className="lg lg-value"),
        html.Span(_("mean and limits"), className="lg lg-limits"),
    ]
    if any(p["then"] is not None for p in page["points"]):
        word = _("lunar year before")
        found.append(html.Span(word, className="lg lg-then"))
    if any(x["aim"]["kind"] in ("floor", "ceiling", "range") for x in page["aims"]):
        found.append(html.Span(_("target"), className="lg lg-aim"))
    seen = {p["signal"] for p in page["points"]}
    found += [
        variation_icon(signal)
        for signal in (Signal.CONCERN, Signal.IMPROVEMENT, Signal.NEUTRAL)
        if signal in seen
    ]
    if any(p["value"] is None for p in page["points"]):
        found.append(html.Span(_("no value, why at the mark"), className="lg lg-none"))
    return html.Div(found, className="legend")


def _areas_title(page: IndicatorPage) -> str:
    if page["sides"]:
        return _("Areas beside it, which has none below")
    return _("Areas below")


def _talk(shown: IndicatorShown, page: IndicatorPage) -> list[Component]:
    return talk(page, writing=shown.writing, own=shown.own, leading=shown.leading)
