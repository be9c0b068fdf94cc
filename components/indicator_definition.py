"""What an indicator means now, what it meant before, and what changed."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from components.evidence import AGGREGATION_WORDS, DIRECTION_WORDS
from components.i18n import _, name
from components.indicator_words import field_word
from components.review_parts import nothing
from data.vocabulary.indicator_page import IndicatorPage, VersionLine


def definition(page: IndicatorPage) -> list[Component]:
    """Return the definition in force in the chosen period and every version."""
    versions = page["versions"]
    if not versions:
        return [nothing(_("No definition is kept"))]
    number = page["measure"]["version"]
    held = next((v for v in versions if v["version"] == number), versions[-1])
    return [_held(page, held), _versions(versions, number)]


def _held(page: IndicatorPage, line: VersionLine) -> html.Dl:
    m = page["measure"]
    rows = [
        (_("Definition"), name(line["definition"])),
        (_("Numerator"), name(line["numerator"])),
        (_("Denominator"), name(line["denominator"])),
        (_("Unit of measure"), name(line["unit"])),
        (_("Adding up"), _(AGGREGATION_WORDS.get(line["aggregation"], line["aggregation"]))),
        (_("Direction"), _(DIRECTION_WORDS.get(m["direction"], m["direction"]))),
        (_("Standard"), line["standard"]),
        (_("Source"), name(m["source"])),
        (_("Code"), m["code"]),
    ]
    if page["small_count"]:
        least = _("counts from 1 to {n} are not shown").format(n=page["small_count"])
        rows.append((_("Small counts"), least))
    return html.Dl(
        [html.Div([html.Dt(word), html.Dd(said)]) for word, said in rows if said], className="defs"
    )


def _versions(versions: list[VersionLine], now: int) -> html.Ol:
    return html.Ol(
        [html.Li(_version(v), className="on" if v["version"] == now else "")
         for v in reversed(versions)],
        className="versions",
    )  # fmt: skip


def _version(line: VersionLine) -> list[Component | str]:
    until = line["until"] or _("now")
    head = _("Version {n}: from {since} to {until}").format(
        n=line["version"], since=line["since"], until=until
    )
    if not line["changed"]:
        first = line["version"] <= 1
        said = _("The first definition") if first else _("What it was before is not kept")
        return [html.B(head), html.P(said)]
    words = _(", ").join(field_word(f) for f in line["changed"])
    return [
        html.B(head),
        html.P(_("Changed: {fields}").format(fields=words)),
        html.P(name(line["definition"]), className="dim"),
    ]
