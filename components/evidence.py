"""Where a number comes from: rule, facts, run, file and line, and what it was before."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from components.empty import calm
from components.formats import MISSING, day_time, duration, full_time, number
from components.i18n import N_, _, name
from components.sources_panel import row_place, table
from components.theme import badge, source_word, status_word
from data.vocabulary import Evidence, EvidenceLink, Revision, Status

AGGREGATION_WORDS = {
    "sum": N_("Added up over time and areas"),
    "ratio": N_("Sum of numerators over sum of denominators"),
    "mean": N_("Mean weighted by count"),
    "last": N_("Latest reading, added up over areas"),
}
DIRECTION_WORDS = {
    "higher": N_("Higher is better"),
    "lower": N_("Lower is better"),
    "neutral": N_("Compared with its normal range only"),
    "range": N_("Best inside a range"),
}


def evidence(found: Evidence) -> list[Component]:
    """Return the inside of the drawer for one number of one area."""
    return [
        _head(found),
        _facts(_("How it is counted"), _rule(found)),
        _facts(_("Source"), _source(found)),
        html.H3(_("Latest facts")),
        *fact_cards(found["links"], found["tile"]["decimals"]),
        html.H3(_("Corrected values")),
        revision_table(found["revisions"], found["tile"]["decimals"]),
    ]


def no_evidence() -> list[Component]:
    """Return the inside of the drawer when nothing is known of an indicator."""
    return [calm(_("No facts behind this number yet"))]


def _head(found: Evidence) -> html.Header:
    tile, status = found["tile"], Status(found["tile"]["status"])
    late = status in (Status.STALE, Status.NO_DATA)
    value = None if status is Status.NO_DATA else tile["value"]
    mark = None if late else badge(tile["level"])
    hidden = tile.get("hidden", False)
    shown = _("Not shown") if hidden else number(value, tile["decimals"])
    said: list[Component | str] = [html.Strong(shown)]
    if value is not None:
        said.append(html.Span(name(tile["unit"]), className="unit"))
    if late or not hidden:
        said.append(mark or html.Span(status_word(status), className="late"))
    return html.Header(
        [
            html.P(f"{name(found['domain'])} · {name(found['area'])}"),
            html.H2(name(tile["name"])),
            html.P(said, className="big"),
            html.P(name(tile["why"])),
        ]
    )


def _rule(found: Evidence) -> list[tuple[str, str]]:
    rows = [
        (_("Definition"), name(found["definition"])),
        (_("Numerator"), name(found["numerator_name"])),
        (_("Denominator"), name(found["denominator_name"])),
        (_("Adding up"), _word(AGGREGATION_WORDS, found["aggregation"])),
        (_("Direction"), _word(DIRECTION_WORDS, found["direction"])),
        (_("Target"), name(found["target"])),
        (_("Standard"), found["standard"]),
        (
            _("Version"),
            _("{n}, valid from {date}").format(n=found["version"], date=found["valid_from"]),
        ),
        (_("Department"), name(found["department"])),
        (_("Code"), found["code"]),
    ]
    return [(word, value) for word, value in rows if value]


def _word(words: dict[str, str], key: str) -> str:
    return _(words[key]) if key in words else key


def _source(found: Evidence) -> list[tuple[str, str]]:
    source, tile = found["source"], found["tile"]
    rows = [
        (_("Source"), f"{name(source['name'])} · {source_word(source['state'])}"),
        (_("Observed at"), full_time(tile["observed_at"])),
        (_("Known since"), full_time(tile["known_at"])),
        (_("Last good"), full_time(source["last_ok_at"])),
    ]
    if tile["reported"] < tile["expected"]:
        told = f"{tile['reported']}/{tile['expected']}"
        rows.append((_("Areas reported"), told))
    return rows


def _facts(title: str, rows: Sequence[tuple[str, str]]) -> html.Section:
    pairs = [html.Div([html.Dt(word), html.Dd(value)]) for word, value in rows]
    return html.Section([html.H3(title), html.Dl(pairs)])


def fact_cards(links: Sequence[EvidenceLink], decimals: int) -> list[Component]:
    """Return each fact with the run, the file and the line it came from."""
    return [_link(link, decimals) for link in links] if links else no_evidence()


def _link(link: EvidenceLink, decimals: int) -> html.Article:
    """Return one fact with the run, the file and the line it came from."""
    counts = number(link["numerator"], _places(link["numerator"]))
    if link["denominator"] is not None:
        counts += f" / {number(link['denominator'], _places(link['denominator']))}"
    rows = [
        (_("Period"), f"{day_time(link['period_start'])} – {day_time(link['period_end'])}"),
        (_("Value"), _("Not shown") if link["hidden"] else number(link["value"], decimals)),
        (_("Counts"), _("Not shown") if link["hidden"] else counts),
        (_("Revision"), f"{link['revision']} · {full_time(link['recorded_at'])}"),
        (_("Run"), f"{link['run_id']} · {name(link['source'])}"),
        (_("File"), link["origin"] or MISSING),
        (_("Received"), full_time(link["received_at"])),
        (_("Row"), _row_and_line(link)),
    ]
    if link["let_go"] is not None:
        gone = _("let go on {date}, hash kept").format(date=full_time(link["let_go"])[:10])
        rows.append((_("Raw bytes"), gone))
    pairs = [html.Div([html.Dt(word), html.Dd(value)]) for word, value in rows]
    proof = [html.Dt(_("SHA-256")), html.Dd(link["sha256"] or MISSING)]
    pairs.append(html.Div(proof, className="wide"))
    said: list[Component] = [html.H4(name(link["area"])), html.Dl(pairs)]
    if link["excerpt"]:
        said.append(html.Pre(link["excerpt"]))
    return html.Article(said, className="link")


def _places(value: float | None) -> int:
    return 0 if value is None or float(value).is_integer() else 2


def _row_and_line(link: EvidenceLink) -> str:
    row = row_place(link["row_word"], link["row"])
    if link["line"] is None:
        return row
    line = _("line {n}").format(n=link["line"])
    return f"{row} · {line}"


def revision_table(revisions: Sequence[Revision], decimals: int) -> Component:
    """Return what values were before, and why they changed."""
    if not revisions:
        return calm(_("Never corrected"))
    heads = (_("Area"), _("Period"), _("Was"), _("Now"), _("Why"), _("When"))
    return table(
        heads,
        [
            (
                name(r["area"]),
                day_time(r["period_start"]),
                _corrected(r, r["was"], decimals),
                _corrected(r, r["now"], decimals),
                name(r["why"]),
                _when(r),
            )
            for r in revisions
        ],
    )


def _corrected(revision: Revision, value: float | None, decimals: int) -> str:
    return _("Not shown") if revision["hidden"] else number(value, decimals)


def _when(revision: Revision) -> str:
    """Return when a value was corrected and how long after its period was over."""
    at = full_time(revision["superseded_at"])
    if revision["late"] < 60:
        return at
    return f"{at} · " + _("{length} after the period").format(length=duration(revision["late"]))
