"""The alarm page and the stage's page at an instant: what stood, as it was known then."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from components.alarm_words import alarm_state_word
from components.empty import calm, waiting
from components.formats import MISSING, day_time, full_time, number
from components.i18n import _, name
from components.page_frame import page_frame
from components.person import Signed
from components.replaying import keep
from components.sources_panel import table
from components.stage_mark import ROMAN
from components.theme import badge
from data.vocabulary import Names
from data.vocabulary.alarms import AlarmRow, StagePanel
from data.vocabulary.stage import StageEventRow

ALERTS, STAGE = "/alerts", "/stage"


def alarms_then_page(
    rows: Sequence[AlarmRow] | None, *, area: str, city: Names, build: str, now: float,
    signed: Signed | None,
) -> html.Div:  # fmt: skip
    """Return the alarms that stood then; rows None: the store is lost."""
    inside: list[Component] = [waiting()]
    if rows is not None:
        inside = [html.H2(_("Alarms that stood then")), _alarms(rows)]
    return _framed(inside, _("Alarms"), ALERTS, area, city, build, now, signed, "alarms-then")


def _alarms(rows: Sequence[AlarmRow]) -> Component:
    if not rows:
        return calm(_("No alarm stood then"))
    heads = (_("Level"), _("State"), _("Alarm"), _("Place"), _("Raised"), _("Case"), _("Owner"))
    lines = [
        html.Tr(
            [
                html.Td(badge(r["priority"])),
                html.Td(alarm_state_word(r["state"])),
                html.Td([html.B(name(r["title"])), " ", html.Span(name(r["said"]))]),
                html.Td(name(r["area_name"])),
                html.Td(full_time(r["raised_at"])),
                html.Td(
                    html.A(r["case_no"], href=keep(f"/case/{r['case_no']}"))
                    if r["case_no"] else MISSING
                ),
                html.Td(r["owner"] or MISSING),
            ]
        )
        for r in rows
    ]  # fmt: skip
    head = html.Thead(html.Tr([html.Th(h) for h in heads]))
    return html.Table([head, html.Tbody(lines)], className="t")


def stage_then_page(
    panel: StagePanel | None, events: Sequence[StageEventRow], *, area: str, city: Names,
    build: str, now: float, signed: Signed | None,
) -> html.Div:  # fmt: skip
    """Return the stage, what was proposed and the response levels of then.

    panel None: the store is lost.
    """
    inside: list[Component] = [waiting()]
    if panel is not None:
        inside = [
            html.H2(_("The stage of the city then")),
            html.P(_stage(panel), className="big"),
            html.P(name(panel["sentence"])),
            html.P(
                _("Proposed by the rules: stage {n}").format(n=panel["proposed"])
                + (f" · {name(panel['why'])}" if name(panel["why"]) else "")
            ),
            html.P(name(panel["lower"])),
            html.H2(_("Response levels in force then")),
            table(
                (_("Plan"), _("Level"), _("Place"), _("Since"), _("Basis"), _("By")),
                [
                    (
                        name(r["name"]), ROMAN.get(r["level"], str(r["level"])),
                        name(r["area_name"]), day_time(r["since"]), r["basis"], r["by"],
                    )
                    for r in panel["responses"]
                ],
            ),
            html.H2(_("Proposals and decisions up to then")),
            table(
                (_("Time"), _("Stage"), _("By"), _("Reason")),
                [
                    (
                        full_time(e["at"]), number(e["stage"]), e["actor"],
                        e["reason"] or name(e["why"]),
                    )
                    for e in events
                ],
            ),
        ]  # fmt: skip
    return _framed(inside, _("Stage"), STAGE, area, city, build, now, signed, "stage-then")


def _stage(panel: StagePanel) -> str:
    if panel["stage"] is None:
        return _("Nobody had confirmed a stage")
    said = _("Stage {n}, confirmed by {who}").format(n=panel["stage"], who=panel["by"] or MISSING)
    return f"{said} · {full_time(panel['since'])}"


def _framed(
    inside: Sequence[Component], title: str, path: str, area: str, city: Names, build: str,
    now: float, signed: Signed | None, id_: str,
) -> html.Div:  # fmt: skip
    return page_frame(
        [html.Div(list(inside), className="panel inside scroll then")],
        title=title, path=path, address=path, signed=signed, area=area, city=city, build=build,
        now=now, demo=False, id_=id_,
    )  # fmt: skip
