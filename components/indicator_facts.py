"""Beside the chart: the chosen period in numbers, and what weakens them in words."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from components.formats import MISSING, day_time, number
from components.i18n import _, name, ngettext
from components.indicator_words import BEFORE, THIS
from components.review_words import (
    aim_word,
    basis_label,
    basis_word,
    chart_word,
    counted,
    doubt_sentence,
    doubt_word,
    rule_word,
    valued,
)
from components.spc_icons import assurance_icon, side, variation_icon
from components.theme import source_word
from data.vocabulary import SourceState
from data.vocabulary.indicator_page import IndicatorPage
from data.vocabulary.review import Compared, Figure, Measure
from data.vocabulary.review_terms import Doubt

Said = list[Component | str]


def facts(page: IndicatorPage) -> list[Component]:
    """Return the numbers of the chosen period, largest first."""
    return [
        _big(page),
        html.Dl([html.Div([html.Dt(word), html.Dd(said)]) for word, said in _rows(page)]),
    ]


def _big(page: IndicatorPage) -> html.Div:
    m, now, this = page["measure"], page["now"], THIS[page["grain"]]
    value: Said = [html.B(number(now["value"], m["decimals"]))]
    if now["value"] is not None:
        value.append(html.Span(name(m["unit"]), className="unit"))
    up = side(page["signal"], m["direction"], now["value"], _centre(page))
    value.append(variation_icon(page["signal"], up) if _judged(page) else html.Span())
    return html.Div(
        [
            html.Span(_(this), className="kw"),
            html.P(value, className="big"),
            html.P(_beside(m, now), className="sub"),
        ],
        className="bigf",
    )


def _judged(page: IndicatorPage) -> bool:
    return _centre(page) is not None and page["now"]["value"] is not None


def _centre(page: IndicatorPage) -> float | None:
    return page["points"][page["chosen"]]["centre"] if page["chosen"] >= 0 else None


def _beside(m: Measure, now: Figure) -> str:
    """Return what never stands apart from a value: n, interval, days told, why it is less."""
    said = [counted(now["n"])]
    if now["low"] is not None and now["high"] is not None:
        said.append(
            _("95 % interval {low}–{high}").format(
                low=number(now["low"], m["decimals"]), high=number(now["high"], m["decimals"])
            )
        )
    if now["value"] is not None and now["of"] > 1:
        said.append(_("{told} of {of} days told").format(told=now["told"], of=now["of"]))
    if now["doubt"] is not None:
        said.append(doubt_word(now["doubt"]))
    return " · ".join(word for word in said if word)


def _rows(page: IndicatorPage) -> list[tuple[str, Said]]:
    before = BEFORE[page["grain"]]
    rows: list[tuple[str, Said]] = [
        (_(before), _compared(page, "last", page["last"])),
        (basis_word("year") if page["grain"] == "week" else _("Year before"),
         _compared(page, "year", page["year"])),
    ]  # fmt: skip
    if page["grain"] != "month":
        rows.append((basis_word("lunar"), _compared(page, "lunar", page["lunar"])))
    code: Said = [_code(page)]
    return [
        *rows,
        (_("Target"), _target(page)),
        (_("Assurance"), [assurance_icon(page["assurance"])]),
        (_("Variation"), _variation(page)),
        (_("Control chart"), _chart(page)),
        (_("Freshness"), _fresh(page)),
        (_("Answers for it"), [name(page["measure"]["department"])]),
        *([(_("Code of the number"), code)] if page["evidence"] else []),
    ]


def _compared(page: IndicatorPage, key: str, found: Compared) -> Said:
    """Return what it is compared with, the change over the matched days, and which days."""
    m, then = page["measure"], found["then"]
    said: Said = [html.Span(valued(then["value"], m["decimals"], m["unit"]), className="v")]
    if then["value"] is None and then["doubt"] is not None:
        said = [html.Span(MISSING, className="v"), _small(doubt_word(then["doubt"]))]
    if found["change"] is not None:
        said.append(html.Span(_change(m, found["change"]), className="ch"))
    elif found["doubt"] is not None and found["doubt"] != then["doubt"]:
        said.append(_small(_("not compared: {why}").format(why=doubt_word(found["doubt"]))))
    basis = page["bases"].get(key)
    if basis is not None and basis["first"] and page["grain"] != "month":
        said.append(html.Small(basis_label(basis), className="of"))
    return said


def _change(m: Measure, change: float) -> str:
    sign = "+" if change > 0 else ""
    unit = _("pp") if name(m["unit"]) == "%" else name(m["unit"])
    return f"{sign}{number(change, m['decimals'])} {unit}"


def _small(text: str) -> html.Small:
    return html.Small(text)


def _target(page: IndicatorPage) -> Said:
    aim = page["aim"]
    if aim["kind"] in ("none", "band"):
        return [_("No target is set")]
    said: Said = [html.Span(aim_word(aim, page["measure"]["decimals"]), className="v")]
    if aim["since"]:
        said.append(html.Small(_("in force since {day}").format(day=aim["since"]), className="of"))
    return said


def _variation(page: IndicatorPage) -> Said:
    if not _judged(page):
        return [_("not judged"), _small("".join(doubt_word(d) for d in page["doubts"][:1]))]
    if not page["rules"]:
        return [_("nothing beyond chance")]
    said: Said = [" · ".join(map(rule_word, page["rules"]))]
    if page["strength"] > 0:
        said.append(html.Small(_("as rare as {n} sigmas").format(n=number(page["strength"], 1))))
    return said


def _chart(page: IndicatorPage) -> Said:
    said: Said = [chart_word(page["chart"])]
    if page["based_on"]:
        words = ngettext("limits stand on {n} point", "limits stand on {n} points",
                         page["based_on"])  # fmt: skip
        said.append(html.Small(words, className="of"))
    return said


def _fresh(page: IndicatorPage) -> Said:
    source = f"{name(page['measure']['source'])} · {source_word(page['state'])}"
    late = page["state"] not in (SourceState.FRESH, SourceState.LATE)
    said: Said = [html.Span(source, className="late" if late else "")]
    if page["heard"] is not None:
        at = _("last heard {time}").format(time=day_time(page["heard"]))
        said.append(html.Small(at, className="of"))
    return said


def _code(page: IndicatorPage) -> html.A:
    return html.A(page["evidence"], href=f"/e/{page['evidence']}", className="code")


def doubts(page: IndicatorPage) -> list[Component]:
    """Return what cannot be concluded from the chart, a sentence each."""
    found = [html.Li(_doubt(d)) for d in page["doubts"]]
    if page["grain"] == "day":
        found.append(
            html.Li(_("Days of a week differ by nature, so limits by the day are only a hint."))
        )
    if page["hidden"]:
        found.append(html.Li(_hidden(page)))
    found += [html.Li(line) for line in _breaks(page)]
    return [html.Ul(found, className="doubts")] if found else []


def _doubt(doubt: Doubt) -> Sequence[Component | str]:
    return [html.B(doubt_word(doubt)), f" {doubt_sentence(doubt)}"]


def _hidden(page: IndicatorPage) -> str:
    words = ngettext(
        "{n} period is not shown: counts from 1 to @ could name persons.",
        "{n} periods are not shown: counts from 1 to @ could name persons.",
        page["hidden"],
    )
    return words.replace("@", str(page["small_count"]))


def _breaks(page: IndicatorPage) -> list[str]:
    said = []
    for line in page["breaks"]:
        if line["bridged"] is not None:
            words = _("{day}: {why}. Made comparable: {how}. Limits go on.")
            said.append(words.format(day=line["on"], why=name(line["why"]),
                                     how=name(line["bridged"])))  # fmt: skip
        else:
            words = _("{day}: {why}. Before and after are not compared; limits begin anew.")
            said.append(words.format(day=line["on"], why=name(line["why"])))
    return said
