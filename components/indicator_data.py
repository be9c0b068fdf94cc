"""The points of an indicator's chart as a table that leaves the house: CSV and workbook.

Text is never a formula, what is not shown is said and not left blank, and each line carries its
unit, source, definition version and time.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO, StringIO
from typing import Any

import xlsxwriter

from components.exercise_mark import prefixed
from components.formats import full_time
from components.i18n import _, language, name, ngettext
from components.review_words import chart_word, doubt_word, rule_word
from components.spc_icons import side, variation_word
from data.vocabulary.indicator_page import IndicatorPage, Point
from data.vocabulary.review_terms import Doubt, Signal

BOM = "\ufeff"
RISKY = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a formula can begin with."""
FONT = {"zh": "宋体", "en": "Calibri"}
Value = float | int | str | None


@dataclass(frozen=True)
class DataTable:
    """heads and rows as long as they; notes: what must be known of all of them, (what, words)."""

    heads: Sequence[str]
    rows: Sequence[Sequence[Value]]
    notes: Sequence[tuple[str, str]]


def data_table(page: IndicatorPage) -> DataTable:
    """Return the points as a table in the language spoken now."""
    heads = [
        _("Period"), _("From"), _("To"), _("Value"), _("Unit of measure"), _("Numerator"),
        _("Denominator"), "n", _("Mean"), _("Lower limit"), _("Upper limit"), _("Variation"),
        _("Rules"), _("Lunar year before"), _("Days told"), _("Days"), _("What weakens it"),
        _("Definition version"), _("Area code"), _("Area"), _("Indicator code"), _("Source"),
        _("Counted"),
    ]  # fmt: skip
    return DataTable(heads, [_row(page, p) for p in page["points"]], _notes(page))


def _row(page: IndicatorPage, p: Point) -> list[Value]:
    m = page["measure"]
    judged = p["centre"] is not None and p["value"] is not None
    hidden = p["doubt"] is Doubt.HIDDEN
    unshown = _("Not shown") if hidden else None
    return [
        p["period"], p["first"], p["last"],
        unshown if hidden else _rounded(p["value"], m["decimals"] + 2), name(m["unit"]),
        unshown if hidden else p["num"], unshown if hidden else p["den"],
        unshown if hidden else p["n"],
        *(_rounded(v, m["decimals"] + 2) for v in (p["centre"], p["lower"], p["upper"])),
        _variation(page, p) if judged else None,
        "; ".join(map(rule_word, p["rules"])) or None,
        _rounded(p["then"], m["decimals"] + 2), p["told"], p["of"],
        doubt_word(p["doubt"]) if p["doubt"] is not None else None,
        p["version"], page["area"], name(page["areas"][page["area"]]), m["code"], name(m["source"]),
        full_time(page["as_of"]),
    ]  # fmt: skip


def _variation(page: IndicatorPage, p: Point) -> str:
    up = side(p["signal"], page["measure"]["direction"], p["value"], p["centre"])
    return variation_word(Signal(p["signal"]), up)


def _rounded(value: float | None, decimals: int) -> float | None:
    return None if value is None else round(value, decimals)


def _notes(page: IndicatorPage) -> list[tuple[str, str]]:
    m = page["measure"]
    held = [v for v in page["versions"] if v["version"] == m["version"]]
    found = [
        (_("Indicator"), prefixed(f"{m['code']} {name(m['name'])}")),
        (_("Area"), f"{page['area']} {name(page['areas'][page['area']])}"),
        (_("Definition"), name(m["definition"])),
        (_("Numerator"), name(held[0]["numerator"]) if held else ""),
        (_("Denominator"), name(held[0]["denominator"]) if held else ""),
        (_("Unit of measure"), name(m["unit"])),
        (_("Source"), name(m["source"])),
        (_("Control chart"), chart_word(page["chart"])),
        (_("Counted"), full_time(page["as_of"])),
    ]
    if page["small_count"]:
        found.append((_("Small counts"), _hidden(page)))
    if page["demo"]:
        found.append((_("Demo data"), _("Invented figures of a demonstration")))
    return [(what, words) for what, words in found if words]


def _hidden(page: IndicatorPage) -> str:
    words = ngettext(
        "Counts from 1 to @, and what would tell them, are not shown: {n} period here.",
        "Counts from 1 to @, and what would tell them, are not shown: {n} periods here.",
        page["hidden"],
    )
    return words.replace("@", str(page["small_count"]))


def as_csv(table: DataTable) -> bytes:
    """Return the table as CSV, UTF-8 with a mark that spreadsheets know it by."""
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(table.heads)
    writer.writerows([_plain(v) for v in row] for row in table.rows)
    writer.writerow([])
    writer.writerows([_plain(what), _plain(words)] for what, words in table.notes)
    return (BOM + out.getvalue()).encode()


def _plain(value: Value) -> Value:
    if value is None:
        return ""
    risky = isinstance(value, str) and value.lstrip(" ").startswith(RISKY)
    return f"'{value}" if risky else value


def as_workbook(table: DataTable, title: str) -> bytes:
    """Return the table as a workbook without any formula; numbers are numbers."""
    held = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
               "strings_to_numbers": False}  # fmt: skip
    book = xlsxwriter.Workbook(held, options)
    base = {"font_name": FONT.get(language(), "Calibri"), "font_size": 10.5}
    formats = {
        "text": book.add_format(base),
        "risky": book.add_format(base | {"quote_prefix": True}),
        "head": book.add_format(base | {"bold": True, "bg_color": "#E4E9ED", "bottom": 1}),
    }
    _data_sheet(book, table, formats)
    _note_sheet(book, table, formats)
    book.set_properties({"title": title})
    book.close()
    return held.getvalue()


def _data_sheet(book: Any, table: DataTable, formats: dict[str, Any]) -> None:
    sheet = book.add_worksheet(_("Data"))
    for column, head in enumerate(table.heads):
        sheet.write_string(0, column, head, formats["head"])
    sheet.set_column(0, len(table.heads) - 1, 13)
    for at, row in enumerate(table.rows, 1):
        for column, value in enumerate(row):
            _cell(sheet, at, column, value, formats)
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, max(len(table.rows), 1), len(table.heads) - 1)
    sheet.set_paper(9)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def _note_sheet(book: Any, table: DataTable, formats: dict[str, Any]) -> None:
    sheet = book.add_worksheet(_("About these data"))
    sheet.set_column(0, 0, 18)
    sheet.set_column(1, 1, 90)
    for at, (what, words) in enumerate(table.notes):
        _cell(sheet, at, 0, what, formats)
        _cell(sheet, at, 1, words, formats)


def _cell(sheet: Any, row: int, column: int, value: Value, formats: dict[str, Any]) -> None:
    if isinstance(value, str):
        risky = value.lstrip(" ").startswith(RISKY)
        sheet.write_string(row, column, value, formats["risky" if risky else "text"])
    elif value is not None:
        sheet.write_number(row, column, value, formats["text"])
