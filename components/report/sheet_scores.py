"""The scorecard, its last weeks, and the indicators over the areas below, as tables."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from components.formats import MISSING, full_time
from components.i18n import _, name
from components.report.cells import Cell, Column, Sheet, figure, say
from components.report.edition import Edition
from components.review_head import noise_words
from components.review_words import aim_word, basis_word, chart_word, doubt_word, rule_word, valued
from components.spc_icons import assurance_word, side, variation_word
from data.vocabulary.review import Compared, Figure, MatrixCell, Review, ScoreRow
from data.vocabulary.review_terms import Doubt, Signal


def scorecard(review: Review, edition: Edition) -> Sheet:
    """Return every indicator with its comparisons, its limits and where it comes from."""
    columns = [
        Column(_("Domain"), 10),
        Column(_("Indicator"), 26, paper=44),
        Column(_("Code of the indicator"), 9),
        Column(_("Unit of measure"), 8, paper=13),
        Column(_("This week"), 10, paper=17, numeric=True),
        Column(_("Sample size"), 9, paper=15, numeric=True),
        Column(_("95% interval, low"), 9, numeric=True),
        Column(_("95% interval, high"), 9, numeric=True),
        *(c for key in ("last", "year", "lunar") for c in _compared_heads(key)),
        Column(_("Target"), 11, paper=16),
        Column(_("Against the target"), 13, paper=20),
        Column(_("Variation"), 14, paper=21),
        Column(_("Why it is a signal"), 24),
        Column(_("Control chart"), 16),
        Column(_("Weeks behind the limits"), 9, numeric=True),
        Column(_("Days told"), 8),
        Column(_("Source last heard"), 18),
        Column(_("What cannot be concluded"), 24),
        Column(_("Department"), 18),
        Column(_("Source"), 18),
        Column(_("Version of the definition"), 8, numeric=True),
        Column(_("Definition"), 44),
        Column(_("Evidence"), 24),
    ]
    rows = [_score(row, review, edition) for row in review["rows"]]
    return Sheet("scorecard", _("Scorecard"), columns, rows, empty=_("No indicator"))


def _compared_heads(key: str) -> list[Column]:
    paper = 17 if key == "last" else 0
    word = basis_word(key)
    return [
        Column(word, 10, paper=paper, numeric=True),
        Column(_("Change to: {basis}").format(basis=word), 10, paper=paper, numeric=True),
    ]


def _score(row: ScoreRow, review: Review, edition: Edition) -> list[Cell]:
    measure, now = row["measure"], row["now"]
    places, shown = measure["decimals"], now["doubt"] != Doubt.HIDDEN
    doubts = list(dict.fromkeys([*row["doubts"], *([now["doubt"]] if now["doubt"] else [])]))
    return [
        say(name(review["domains"].get(measure["domain"]))),
        say(name(measure["name"])),
        say(measure["code"]),
        say(name(measure["unit"])),
        value_cell(now, places, strong=True),
        figure(now["n"] if shown else None),
        figure(now["low"] if shown else None, places),
        figure(now["high"] if shown else None, places),
        *(c for key in ("last", "year", "lunar") for c in _compared(row, key, places)),
        say(aim_word(row["aim"], places)),
        say(assurance_word(row["assurance"])),
        say(signal_word(row)),
        say(_("; ").join(rule_word(r) for r in row["rules"])),
        say(chart_word(row["chart"])),
        figure(row["points"]),
        say(f"{now['told']}/{now['of']}"),
        say(full_time(now["heard"])),
        say(_("; ").join(doubt_word(d) for d in doubts)),
        say(name(measure["department"])),
        say(name(measure["source"])),
        figure(measure["version"]),
        say(name(measure["definition"])),
        say(row["evidence"], href=edition.evidence(row["evidence"])),
    ]


def value_cell(found: Figure, places: int, *, strong: bool = False) -> Cell:
    """Return a figure; without a value the word why, and never what is not to be shown."""
    why = doubt_word(found["doubt"]) if found["doubt"] else ""
    value = None if found["doubt"] == Doubt.HIDDEN else found["value"]
    cell = figure(value, places, instead=why)
    return Cell(cell.text, cell.value, cell.decimals, strong=strong)


def _compared(row: ScoreRow, key: str, places: int) -> list[Cell]:
    compared: Compared = row[key]  # type: ignore[literal-required]
    then = value_cell(compared["then"], places)
    hidden = Doubt.HIDDEN in (compared["now"]["doubt"], compared["then"]["doubt"])
    why = doubt_word(compared["doubt"]) if compared["doubt"] else ""
    change = None if hidden or compared["doubt"] else compared["change"]
    return [then, figure(change, places, instead=why)]


def signal_word(row: ScoreRow) -> str:
    """Return what the last point of a row says, as on the page."""
    if row["now"]["value"] is None or Doubt.TOO_FEW in row["doubts"]:
        return doubt_word(row["now"]["doubt"] or Doubt.TOO_FEW)
    centre = next((c for c in reversed(row["spark"]["centre"]) if c is not None), None)
    up = side(row["signal"], row["measure"]["direction"], row["now"]["value"], centre)
    return variation_word(row["signal"], up)


def weeks(review: Review) -> Sheet:
    """Return the last weeks of every indicator with their limits: one row a week and indicator."""
    columns = [
        Column(_("Indicator"), 26),
        Column(_("Code of the indicator"), 9),
        Column(_("Unit of measure"), 8),
        Column(_("Week from"), 12),
        Column(_("Value"), 10, numeric=True),
        Column(_("Mean"), 10, numeric=True),
        Column(_("Lower limit"), 10, numeric=True),
        Column(_("Upper limit"), 10, numeric=True),
        Column(_("Limits begin anew"), 10),
    ]
    rows = [cells for row in review["rows"] for cells in _weeks(row)]
    return Sheet("weeks", _("Last 26 weeks"), columns, rows, empty=_("No indicator"))


def _weeks(row: ScoreRow) -> list[list[Cell]]:
    spark, measure = row["spark"], row["measure"]
    places = measure["decimals"]
    last = len(spark["values"]) - 1
    hidden = row["now"]["doubt"] == Doubt.HIDDEN
    found = []
    for at, value in enumerate(spark["values"]):
        kept = None if hidden and at == last else value
        found.append([
            say(name(measure["name"])), say(measure["code"]), say(name(measure["unit"])),
            say(week_from(spark["first"], at)),
            figure(kept, places),
            *(figure(_at(spark[k], at), places + 1) for k in ("centre", "lower", "upper")),
            say(_("yes") if at in spark["breaks"] else ""),
        ])  # fmt: skip
    return found


def _at(values: Sequence[float | None], place: int) -> float | None:
    return values[place] if place < len(values) else None


def week_from(first: str, weeks_later: int) -> str:
    """Return the Monday so many weeks after an ISO day."""
    return (date.fromisoformat(first) + timedelta(weeks=weeks_later)).isoformat()


def matrix(review: Review) -> Sheet:
    """Return each indicator over the areas below: the value and what it says."""
    below = [a for a in review["below"] if a in review["areas"]]
    columns = [Column(_("Indicator"), 26, paper=40), Column(_("Unit of measure"), 8, paper=14)]
    for area in below:
        short = name(review["areas"][area])
        columns += [
            Column(short, 10, paper=16, numeric=True),
            Column(_("{area}: variation").format(area=short), 12),
        ]
    measures = {row["measure"]["code"]: row["measure"] for row in review["rows"]}
    rows = []
    for line in review["matrix"]:
        measure = measures.get(line["code"])
        if measure is None:
            continue
        by_area = {cell["area"]: cell for cell in line["cells"]}
        cells = [say(name(measure["name"])), say(name(measure["unit"]))]
        for area in below:
            cells += _matrix_cells(by_area.get(area), measure["decimals"], measure["direction"])
        rows.append(cells)
    notes = [noise_words(review["noise_below"])] if rows else []
    title = _("Areas by indicator")
    return Sheet("matrix", title, columns, rows, notes, empty=_("No area below"))


def _matrix_cells(cell: MatrixCell | None, places: int, direction: str) -> list[Cell]:
    if cell is None:
        return [say(doubt_word(Doubt.NOT_HERE)), say("")]
    special = cell["signal"] != Signal.COMMON
    found = value_cell(cell["figure"], places, strong=special)
    said = ""
    if found.value is not None:
        said = variation_word(cell["signal"], side(cell["signal"], direction, None, None))
    return [found, say(said)]


def score_sentence(row: ScoreRow) -> str:
    """Return what is unusual of an indicator: value, why, what the week before was."""
    measure, now = row["measure"], row["now"]
    places = measure["decimals"]
    value = None if now["doubt"] == Doubt.HIDDEN else now["value"]
    said = _("{what} {value}: {signal}, {why}").format(
        what=name(measure["name"]),
        value=valued(value, places, measure["unit"]),
        signal=signal_word(row),
        why=_("; ").join(rule_word(r) for r in row["rules"]) or MISSING,
    )
    last = value_cell(row["last"]["then"], places)
    if last.value is not None:
        said += _("; last week {value}").format(value=valued(last.value, places, measure["unit"]))
    return said + _(".")
