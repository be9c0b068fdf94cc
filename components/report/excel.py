"""The review as a workbook: what is text stays text, what is a number is one, and nothing counts.

No formula and no macro is written. Text that a program could take for a formula is stored as
text and marked as such, so that it stays text when somebody edits the cell.
"""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from components.i18n import _, name, use
from components.report.cells import Cell, Sheet
from components.report.edition import Edition, title
from components.report.sheet_notes import week_line
from components.report.sheets import sheets
from data.vocabulary.meeting import Minutes
from data.vocabulary.review import Review

RISKY = ("=", "+", "-", "@", "\t", "\r")
"""What a formula can begin with, here or in what the sheet is saved as."""
LONGEST_NAME = 31
LANDSCAPE_FROM = 8
"""So many columns are printed across."""
FONT = {"zh": "宋体", "en": "Calibri"}
HEAD_ROW_MOST = 3


def workbook(review: Review, minutes: Minutes, edition: Edition) -> bytes:
    """Return the workbook of one week."""
    held = BytesIO()
    with use(edition.lang):
        book = xlsxwriter.Workbook(held, _options())
        try:
            book.set_properties(_properties(review, edition))
            writer = _Writer(book, review, edition)
            for sheet in sheets(review, minutes, edition):
                writer.write(sheet)
        finally:
            book.close()
    return held.getvalue()


def _options() -> dict[str, Any]:
    return {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "nan_inf_to_errors": False,
    }


def _properties(review: Review, edition: Edition) -> dict[str, Any]:
    return {
        "title": f"{title(edition)} {week_line(review)}",
        "author": name(edition.issuer),
        "company": name(edition.issuer),
        "comments": _("Mark of the content: {mark}").format(mark=review["mark"]),
        "created": datetime.fromtimestamp(edition.made, UTC).replace(tzinfo=None),
    }


class _Writer:
    """Writes sheets into one workbook with its formats."""

    def __init__(self, book: Any, review: Review, edition: Edition) -> None:
        self.book, self.edition = book, edition
        mark = f" · {_('Demo data')}" if review["demo"] else ""
        self.running = f"{title(edition)} {week_line(review)}{mark}"
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}

    def format(self, **wanted: Any) -> Any:
        """Return one format, made once."""
        key = tuple(sorted(wanted.items()))
        if key not in self._formats:
            base = {"font_name": FONT[self.edition.lang], "font_size": 10.5, "valign": "top"}
            self._formats[key] = self.book.add_format(base | wanted)
        return self._formats[key]

    def write(self, sheet: Sheet) -> None:
        """Write one sheet: its title, what is said of it, heads, rows."""
        page: Worksheet = self.book.add_worksheet(sheet.title[:LONGEST_NAME])
        page.write_string(0, 0, sheet.title, self.format(bold=True, font_size=14))
        page.write_string(1, 0, self.running, self.format(font_color="#4A5560"))
        row = 2
        for note in sheet.notes:
            self._text(page, row, 0, note, {"font_color": "#4A5560"})
            row += 1
        self._heads(page, row, sheet)
        for number, cells in enumerate(sheet.rows, start=row + 1):
            for column, cell in enumerate(cells):
                self._cell(page, number, column, cell)
        if not sheet.rows and sheet.empty:
            self._text(page, row + 1, 0, sheet.empty, {})
        self._page(page, row, sheet)

    def _heads(self, page: Worksheet, row: int, sheet: Sheet) -> None:
        head = self.format(bold=True, bg_color="#E4E9ED", bottom=1, text_wrap=True)
        for column, one in enumerate(sheet.columns):
            page.set_column(column, column, one.width)
            page.write_string(row, column, one.head, head)

    def _cell(self, page: Worksheet, row: int, column: int, cell: Cell) -> None:
        more: dict[str, Any] = {"bold": True} if cell.strong else {}
        if cell.value is not None:
            places = "0" * cell.decimals
            more["num_format"] = f"#,##0.{places}" if places else "#,##0"
            page.write_number(row, column, cell.value, self.format(**more))
        elif cell.href:
            link = self.format(**more, font_color="#2F5E9E", underline=1)
            page.write_url(row, column, cell.href, link, string=cell.text)
        else:
            self._text(page, row, column, cell.text, more)

    def _text(
        self, page: Worksheet, row: int, column: int, text: str, more: dict[str, Any]
    ) -> None:
        wrap = {"text_wrap": True} if row > HEAD_ROW_MOST or "\n" in text else {}
        risky = {"quote_prefix": True} if text.startswith(RISKY) else {}
        page.write_string(row, column, text, self.format(**more, **wrap, **risky))

    def _page(self, page: Worksheet, head: int, sheet: Sheet) -> None:
        """Set what stays in sight, how it is sorted and how it comes to paper."""
        last = len(sheet.columns) - 1
        page.freeze_panes(head + 1, 1 if last > 3 else 0)
        if len(sheet.rows) > 1 and last > 1:
            page.autofilter(head, 0, head + len(sheet.rows), last)
        page.repeat_rows(head)
        page.set_paper(9)
        if last >= LANDSCAPE_FROM:
            page.set_landscape()
        page.fit_to_pages(1, 0)
        page.set_margins(left=0.6, right=0.6, top=0.9, bottom=0.7)
        plain = self.running.replace("&", "&&")
        page.set_header(f"&L{plain}&R&A")
        page.set_footer("&C— &P / &N —")
