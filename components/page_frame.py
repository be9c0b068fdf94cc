"""What every desk page has around it: head with ways and person, banner, foot."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from components.i18n import N_, _, language
from components.ids import Ids, marks
from components.live_banner import live_banner
from components.person import Signed, person
from components.replaying import keep
from data.vocabulary import Names

WAYS = (
    ("/", N_("City overview")),
    ("/desk", N_("Operations desk")),
    ("/alerts", N_("Alarms")),
    ("/stage", N_("City stage")),
    ("/supervision", N_("Supervision")),
    ("/weekly", N_("Weekly review")),
    ("/duties", N_("Duties")),
    ("/handover", N_("Handover")),
    ("/sources", N_("Data sources")),
)


def page_frame(
    inside: Sequence[Component],
    *,
    title: str,
    path: str,
    address: str,
    signed: Signed | None,
    area: str,
    city: Names,
    build: str,
    now: float,
    demo: bool,
    id_: str,
    only: str = "desk",
    foot: str = "",
    unseen: Sequence[Component] = (),
    look: str = "",
) -> html.Div:
    """Return a whole page around `inside`, in the language spoken now.

    path is of the page, address the same with its query, to come back to; only: the one
    panel it wants pushed; foot says of the figures what they are; unseen are stores and
    addresses that callbacks touch. look: classes besides, `light` is paper.
    """
    return html.Div(
        [
            _head(title, path, address, signed, demo=demo),
            html.Main(list(inside), className="bd"),
            _foot(address, foot),
            live_banner(area=area, home=area, areas={area: city}, build=build, now=now, only=only),
            *unseen,
        ],
        id=id_,
        className=f"wall-root page lang-{language()} {look}".rstrip(),
        lang=language(),
    )


def _head(title: str, path: str, address: str, signed: Signed | None, *, demo: bool) -> html.Header:
    ways = [
        html.A(
            _(word),
            href=keep(way),
            className="way on" if way == path else "way",
            **marks({"aria-current": "page"} if way == path else {}),
        )
        for way, word in WAYS
    ]
    mark = html.Span(_("Demo data"), className="demo" if demo else "demo off")
    return html.Header(
        [
            html.Div([html.H1(title), mark], className="ttl"),
            html.Nav(ways, className="ways resp", **marks({"aria-label": _("Pages")})),
            html.Div(
                [
                    person(signed, address),
                    html.Div(
                        [html.B(className="hm"), html.Span(className="day")],
                        id=Ids.CLOCK,
                        className="clock",
                    ),
                ],
                className="side",
            ),
        ],
        className="hd framed",
    )


def _foot(address: str, foot: str) -> html.Footer:
    path, _sep, query = address.partition("?")
    other, word = ("en", "English") if language() == "zh" else ("zh", "中文")
    kept = "&".join(p for p in query.split("&") if p and not p.startswith("lang="))
    href = f"{path}?lang={other}&{kept}" if kept else f"{path}?lang={other}"
    return html.Footer(
        [
            html.Span(foot, className="keyw"),
            html.Span(className="age"),
            html.Span(className="sp"),
            html.A(word, id=Ids.LANGUAGE, href=href, lang=other, className="lang"),
        ],
        className="ft",
    )
