"""Parts of the alarm performance page: desks, priorities, days, floods, rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import quote

from dash import html
from dash.development.base_component import Component

from components.alarm_figures import figure_value, load_word
from components.alarm_ids import PATH, RULES
from components.formats import MISSING, day_time, duration, local, number, share
from components.i18n import _, name, ngettext
from components.theme import BAND, LIMIT, TREND, badge, image
from data.vocabulary import Names
from data.vocabulary.alarm_log import Figure, Flood, Load, Performance, Position, RuleShare

BY_DESK = ("ten_mean", "ten_max", "ten_over", "flood_share", "standing", "acknowledged_median")
MOST_FLOODS = 4
WIDE, TALL = 480.0, 64.0


def position_table(counted: Performance, areas: Mapping[str, Names], city: str) -> html.Table:
    """Return one row a desk, the whole first."""
    heads = [
        _("Desk"), _("Alarms"), _("10 min, mean"), _("10 min, most"), _("over 10"), _("in flood"),
        _("mean standing"), _("acknowledged"),
    ]  # fmt: skip
    rows = [_position(p, _desk(p.key, areas, city)) for p in counted.positions]
    return _table(heads, rows)


def _desk(key: str, areas: Mapping[str, Names], city: str) -> str:
    if not key:
        return _("All at one desk")
    return _("City desk") if key == city else name(areas.get(key)) or key


def _position(place: Position, word: str) -> html.Tr:
    figures = {f.key: f for f in place.figures}
    cells = [html.Td(_short(figures[k]), className="n") for k in BY_DESK]
    return html.Tr([html.Td(word), html.Td(number(place.alarms), className="n"), *cells])


def _short(figure: Figure) -> Component:
    over = figure.load is Load.OVER
    value = figure_value(figure).split(" ")[0] if figure.key != "acknowledged_median" else (
        figure_value(figure)
    )  # fmt: skip
    return html.Span(value, className="jd ld-over" if over else "")


def spread_table(priorities: Sequence[Figure]) -> html.Table:
    """Return the share of each priority against what is asked."""
    rows = []
    for i, figure in enumerate(priorities, start=1):
        value = MISSING if figure.value is None else f"{number(figure.value, 1)}%"
        part = number(figure.parts[0]) if figure.parts else MISSING
        rows.append(
            html.Tr(
                [
                    html.Td(badge(i)),
                    html.Td([html.B(value), html.Span(part, className="dim2 sub")], className="n"),
                    html.Td(_asked(i, figure.good), className="n dim2"),
                    html.Td(html.Span(load_word(figure.load), className=f"jd ld-{figure.load}")),
                ]
            )
        )
    heads = (_("Priority"), _("Share"), _("Target"), _("Judged"))
    return _table(heads, rows)


def _asked(priority: int, asked: float | None) -> str:
    if asked is None:
        return MISSING
    return _("about {n}%").format(n=number(asked)) if priority > 1 else f"< {number(asked)}%"


def day_chart(days: Sequence[tuple[float, int]]) -> html.Div | None:
    """Return alarms by day as columns, with the day of the most in words; one day needs none."""
    if len(days) < 2:
        return None
    most_at, most = max(days, key=lambda d: d[1])
    step = WIDE / len(days)
    drawn = [f'<path d="M0 {TALL - 0.5:g}H{WIDE:g}" stroke="{LIMIT}"/>']
    for i, (_at, n) in enumerate(days):
        tall = (TALL - 4) * n / most if most else 0.0
        fill = TREND if n == most else BAND
        drawn.append(
            f'<rect x="{i * step + step * 0.12:.1f}" y="{TALL - tall:.1f}" '
            f'width="{step * 0.76:.1f}" height="{tall:.1f}" fill="{fill}" stroke="{LIMIT}"/>'
        )
    picture = html.Img(
        src=image(
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE:g} {TALL:g}" '
            f'preserveAspectRatio="none">{"".join(drawn)}</svg>'
        ),
        alt=_("Alarms by day"),
        className="chart",
    )
    first, last = local(days[0][0]), local(days[-1][0])
    said = _("most on {day}: {n}").format(day=f"{local(most_at):%m-%d}", n=number(most))
    hours = html.Div(
        [html.Span(f"{first:%m-%d}"), html.Span(_("Alarms by day, {most}").format(most=said)),
         html.Span(f"{last:%m-%d}")],
        className="hours",
    )  # fmt: skip
    return html.Div([picture, hours], className="vc days2")


def flood_list(found: Sequence[Flood], end: float) -> html.Div:
    """Return the newest floods in words."""
    if not found:
        return html.Div(html.P(_("No flood in this time"), className="dim2"), className="floods")
    lines = [html.P(_flood(f, end)) for f in list(found)[::-1][:MOST_FLOODS]]
    rest = len(found) - MOST_FLOODS
    if rest > 0:
        lines.append(html.P(ngettext("and {n} earlier flood", "and {n} earlier floods", rest)))
    return html.Div(lines, className="floods")


def _flood(flood: Flood, end: float) -> str:
    lasted = duration((flood.end if flood.end is not None else end) - flood.start)
    said = _("Flood {begin}, {lasted}: {n} alarms, {peak} in ten minutes at the peak")
    told = said.format(
        begin=day_time(flood.start), lasted=lasted, n=number(flood.alarms), peak=number(flood.peak)
    )
    return told if flood.end is not None else _("{flood}; it goes on").format(flood=told)


def rule_table(rules: Sequence[RuleShare], names: Mapping[str, Names]) -> html.Table:
    """Return the noisiest rules: their share, how fast they are seen, what they were."""
    heads = (
        _("Rule"), _("Alarms"), _("Share"), _("acknowledged, median"), _("acted on"),
        _("real, nothing to do"), _("false alarm"), _("not said"), _("chattering"),
    )  # fmt: skip
    return _table(heads, [_rule(r, names) for r in rules])


def _rule(rule: RuleShare, names: Mapping[str, Names]) -> html.Tr:
    said = rule.acted_on + rule.real + rule.false
    word = name(names.get(rule.rule)) or rule.rule
    waited = MISSING if rule.acknowledged_s is None else duration(rule.acknowledged_s)
    cells = [
        number(rule.alarms),
        f"{number(rule.share, 1)}%",
        waited,
        _of(rule.acted_on, said),
        _of(rule.real, said),
        _of(rule.false, said),
        number(rule.unsaid),
        number(rule.chattering),
    ]
    link = html.A(word, href=f"{PATH}?view={RULES}&rule={quote(rule.rule)}", className="go")
    return html.Tr([html.Td(link), *[html.Td(c, className="n") for c in cells]])


def _of(part: int, whole: int) -> str:
    """Return a share with its count; of nothing said there is none."""
    return f"{share(part, whole, 0)} ({number(part)})" if whole else MISSING


def _table(heads: Sequence[str], rows: Sequence[Component]) -> html.Table:
    head = html.Thead(html.Tr([html.Th(h) for h in heads]))
    return html.Table([head, html.Tbody(list(rows))], className="t")
