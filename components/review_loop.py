"""The closed loop of a week: by day, by department, and what is late."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from dash import html

from components.formats import MISSING, day_time, number
from components.i18n import _, name, ngettext
from components.ids import marks
from components.live_banner import live_words
from components.review_parts import nothing, section, sorted_by, table
from components.review_words import day_word
from components.spc_icons import PAPER_INK
from components.theme import badge, image, stage_word
from data.vocabulary import LOCAL, Stage
from data.vocabulary.review import LateCase, Review
from data.vocabulary.supervision import GroupLine

FEW = 20
"""Under so many due cases a rate says little."""


@dataclass(frozen=True)
class LateShown:
    """Late cases as far as a reader may see them. elsewhere: how many outside their scope."""

    cases: Sequence[LateCase] = ()
    elsewhere: int = 0


def closed_loop(review: Review) -> html.Section:
    """Return new and closed by day, and how departments keep their limits."""
    note = _("on time of what fell due in the week, with its 95% interval")
    return section(_("Closed loop"), [_days(review), _departments(review)], note=note, key="loop")


def _days(review: Review) -> html.Figure:
    days = review["days"]
    most = round(1.08 * max([1, *(max(new, closed) for _day, new, closed in days)]), 1)
    words: Any = live_words()["weekdays"]
    bars = []
    for day, new, closed in days:
        weekday = words[date.fromisoformat(day).isoweekday() % 7]
        bars.append(
            html.Div(
                [
                    html.Div(html.I(style={"height": f"{100 * new / most:.1f}%"}), className="brs"),
                    html.B(number(new)),
                    html.Span(number(closed)),
                    html.Small([day[5:], html.Br(), weekday]),
                ],
                className="day",
                title=_("{day}: {new} new, {closed} closed").format(
                    day=day_word(day), new=new, closed=closed
                ),
            )
        )
    line = html.Img(src=_line([c for _d, _n, c in days], most), alt="", className="line")
    keys = html.Div(
        [html.B(_("New")), html.Span(_("Closed line")), html.Small("")], className="keys"
    )
    caption = html.Figcaption(_("Bars: new cases a day; line: closed cases a day"))
    return html.Figure([html.Div([keys, *bars, line], className="daysplot"), caption],
                       className="days")  # fmt: skip


def _line(values: Sequence[int], most: float) -> str:
    at = [(round(100 * i + 50), round(100 - 100 * v / most)) for i, v in enumerate(values)]
    path = "M" + "L".join(f"{x} {y}" for x, y in at) if at else "M0 0"
    dots = "".join(f"M{x} {y}h0" for x, y in at)
    pen = f"fill='none' stroke='{PAPER_INK}' stroke-linecap='round'"
    pen += " vector-effect='non-scaling-stroke'"
    return image(
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {100 * max(len(at), 1)} 100' "
        f"preserveAspectRatio='none'><path {pen} stroke-width='2' d='{path}'/>"
        f"<path {pen} stroke-width='8' d='{dots}'/></svg>"
    )  # fmt: skip


def _departments(review: Review) -> Any:
    if not review["departments"]:
        return nothing(_("No case fell due this week"))
    many = [x for x in review["departments"] if x["due"] >= FEW and x["low"] is not None]
    floor = 10 * int(min([90.0, *(100 * (x["low"] or 0) for x in many)]) // 10)
    heads = [
        _("Department"), html.Th(_("On time of due"), className="num"),
        html.Th(_axis(floor), className="w-axis no"),
        *(
            html.Th(word, className="num")
            for word in (_("Due n"), _("Ended late"), _("Overdue now"), _("Rework"), _("Open now"))
        ),
    ]  # fmt: skip
    rows = [_department(line, floor) for line in review["departments"]]
    return table(heads, rows, "deps")


def _axis(floor: int) -> list[Any]:
    return [html.Span(f"{floor}%"), html.Span(f"{(floor + 100) // 2}%"), html.Span("100%")]


def _department(line: GroupLine, floor: int) -> html.Tr:
    due = line["due"]
    rate = 100 * line["on_time"] / due if due else None
    few: list[Any] = [html.Small(_("few cases"))] if 0 < due < FEW else []
    if rate is None:
        first = html.Td(
            [MISSING, html.Small(_("none due"))], className="num none", **sorted_by(None)
        )
    else:
        first = html.Td([f"{number(rate, 1)}%", *few], className="num now", **sorted_by(rate))
    counts = (due, line["late"], line["overdue"], line["rework"], line["open"])
    return html.Tr(
        [
            html.Td(name(line["name"])),
            first,
            html.Td(_interval(line, rate, floor), className="axis"),
            *(html.Td(number(n), className="num" if n else "num none") for n in counts),
        ]
    )  # fmt: skip


def _interval(line: GroupLine, rate: float | None, floor: int) -> list[Any]:
    if rate is None or line["low"] is None or line["high"] is None:
        return []
    span = 100 - floor

    def at(value: float) -> float:
        return max(100 * (value - floor) / span, 0.0)

    low, high = 100 * line["low"], 100 * line["high"]
    said = f"{number(low, 1)}–{number(high, 1)}%"
    return [
        html.I(style={"left": f"{at(low):.1f}%", "width": f"{at(high) - at(low):.1f}%"}),
        html.B(style={"left": f"{at(rate):.1f}%"}, title=said,
               **marks({"role": "img", "aria-label": said})),
    ]  # fmt: skip


def late_cases(review: Review, shown: LateShown) -> html.Section:
    """Return cases past their limit or near it: by name in the reader's scope, else a count."""
    parts: list[Any] = []
    if shown.cases:
        heads = [_("Level"), _("Matter"), _("Department"), _("Area"), _("Limit before"),
                 _("Limit"), _("Stage")]  # fmt: skip
        parts.append(table(heads, [_late(c, _end(review)) for c in shown.cases], "late"))
    rest = []
    if shown.elsewhere:
        rest.append(
            ngettext(
                "{n} more case outside your area or department",
                "{n} more cases outside your area or department",
                shown.elsewhere,
            )
        )
    if review["more_late"]:
        rest.append(
            ngettext("{n} more case is past its limit", "{n} more cases are past their limit",
                     review["more_late"])
        )  # fmt: skip
    if rest:
        parts.append(html.P(_("; ").join(rest), className="hint"))
    if not parts:
        parts.append(nothing(_("No case is past its limit or near it")))
    note = _("by level, then by how long; as of {time}").format(time=day_time(_end(review)))
    return section(_("Late and nearly late"), parts, note=note, key="late")


def _end(review: Review) -> float:
    """Return the instant the review looks at: the end of its week, or when it was counted."""
    over = datetime.combine(date.fromisoformat(review["last"]), datetime.min.time(), LOCAL)
    return min((over + timedelta(days=1)).timestamp(), review["as_of"])


def _late(case: LateCase, now: float) -> html.Tr:
    hours = (now - case["due"]) / 3600
    word = _("{n} h over") if case["late"] else _("{n} h left")
    due = [
        html.Span(day_time(case["due"]), className="od" if case["late"] else ""),
        html.Small(word.format(n=number(abs(hours), 0))),
    ]
    link = html.A([html.Small(case["no"]), case["title"]], href=f"/case/{case['no']}")
    return html.Tr(
        [
            html.Td(badge(case["level"]) or _("no level"), **sorted_by(case["level"] or 9)),
            html.Td(link, className="what"),
            html.Td(name(case["department"])),
            html.Td(name(case["area"])),
            html.Td(MISSING if case["was_due"] is None else day_time(case["was_due"])),
            html.Td(due, **sorted_by(case["due"])),
            html.Td(since_word(case["stage"])),
        ]
    )


def since_word(stage: str) -> str:
    """Return where a case stands now; one that was late when the week ended may be over since."""
    return _("Ended after the week") if stage == Stage.CLOSED else stage_word(stage)
