"""The review as an editable document in official layout, each sentence with the way to its number.

Heads are numbered 一、二、 or 1. 2.; sentences stand on their own lines, so that one can be
taken out or written anew without the next; tables say their head again on every page.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from io import BytesIO
from xml.sax.saxutils import escape

from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import Mm, Pt
from docx.text.paragraph import Paragraph

from components.formats import full_time, local
from components.i18n import _, language, name, use
from components.report import sheet_people, sheet_scores, sheet_units
from components.report.cells import Cell, Sheet, clean
from components.report.edition import Edition, title
from components.report.layout import (
    BODY,
    KAI,
    NOTE,
    RED,
    TABLE,
    TEXT_WIDTH,
    new_document,
    rule,
    type_run,
)
from components.report.paper_table import add_table, run_xml
from components.report.sheet_notes import (
    about,
    cautions,
    demo_sentence,
    terms,
    week_line,
)
from components.review_fair import unit_of
from components.review_head import balance_words, noise_words, on_time_words
from data.vocabulary.meeting import Minutes
from data.vocabulary.review import Review, ScoreRow
from data.vocabulary.review_terms import Signal

NUMERALS = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二")
AREAS_ABREAST = 9
"""Areas that stand side by side on one page."""
BLACK, RED_LINE = "1B2127", "C22F38"


def document(review: Review, minutes: Minutes, edition: Edition) -> bytes:
    """Return the document of one week."""
    with use(edition.lang):
        made = new_document(
            edition.lang,
            author=clean(name(edition.issuer)),
            title=f"{title(edition)} {week_line(review)}",
            made=edition.made,
        )
        _Paper(made, review, minutes, edition).write()
    held = BytesIO()
    made.save(held)
    return held.getvalue()


class _Paper:
    """Writes one review onto one document, from its head to its foot."""

    def __init__(self, made: Document, review: Review, minutes: Minutes, edition: Edition) -> None:
        self.made, self.review, self.minutes, self.edition = made, review, minutes, edition
        self.heads = 0

    def write(self) -> None:
        """Write everything in the order of the page."""
        self._top()
        self._overall()
        if self.minutes["promises"]:
            self._section(
                _("Promises to follow up"), sheet_people.promises(self.review, self.minutes)
            )
        self._messages()
        self._scorecard()
        self._areas()
        self._fair()
        self._section(_("Closed loop by department"), sheet_units.departments(self.review))
        self._section(_("Late cases and those due soon"), sheet_people.late(self.review))
        self._section(_("Data gaps that weaken this review"), sheet_people.gaps(self.review))
        if self.minutes["frozen"] or self.minutes["earlier"]:
            corrections = sheet_people.restated(self.review, self.minutes)
            self._section(_("Corrections since the week was frozen"), corrections)
        self._notes()
        self._foot()

    # ---- head and foot ----

    def _top(self) -> None:
        head = self.made.add_paragraph(clean(title(self.edition)), style="Title")
        head.paragraph_format.line_spacing = Pt(40)
        head.runs[0].font.color.rgb = RED
        week = self._line(week_line(self.review), font=KAI, centred=True)
        if self.review["demo"]:
            week.add_run("  " + _("[{mark}]").format(mark=_("Demo data")))
        last = self.edition.made
        line = self._line(clean(name(self.edition.issuer)))
        line.paragraph_format.tab_stops.add_tab_stop(Mm(TEXT_WIDTH), WD_TAB_ALIGNMENT.RIGHT)
        line.add_run("\t" + day_of(last))
        rule(line, "bottom", RED_LINE, 16)

    def _foot(self) -> None:
        """Write the record: for whom, by whom, when, between lines."""
        rows = (
            _("To: {readers}").format(readers=name(self.edition.readers)),
            _("By: {issuer}, printed {when} for {who}").format(
                issuer=name(self.edition.issuer),
                when=full_time(self.edition.made),
                who=self.edition.by,
            ),
        )
        self._line("")
        for place, words in enumerate(rows):
            line = self._line(clean(words), size=14)
            line.paragraph_format.left_indent = line.paragraph_format.right_indent = Pt(14)
            line.paragraph_format.keep_with_next = place == 0
            rule(line, "top", BLACK, 8 if place == 0 else 4)
        rule(line, "bottom", BLACK, 8)

    # ---- sections ----

    def _overall(self) -> None:
        self._head(_("The week as a whole"))
        t = self.review["totals"]
        self._sentence(balance_words(t) + _("."))
        self._sentence(on_time_words(t) + _("."))
        self._sentence(noise_words(self.review["noise"]) + _("."))
        for words in cautions(self.review):
            self._sentence(_("Caution: {words}").format(words=words))
        add_table(self.made, sheet_units.totals(self.review))

    def _messages(self) -> None:
        self._head(_("Key messages"))
        found = sheet_people.told(self.review, self.minutes)
        if not found:
            self._sentence(_("No key message") + _("."))
        for place, one in enumerate(found, start=1):
            level = sheet_people.level_word(one.message["level"])
            line = self.made.add_paragraph()
            self._run(line, f"{place}. ")
            if level:
                self._run(line, _("[{level}] ").format(level=level), font="黑体")
            self._run(line, one.lead, strong=True)
            self._run(line, one.text.removeprefix(one.lead))
            if one.edited:
                self._run(line, _(" ({edited})").format(edited=one.edited), font=KAI)
            self._code(line, one.message["evidence"])

    def _scorecard(self) -> None:
        self._head(_("Indicators by domain"))
        whole = sheet_scores.scorecard(self.review, self.edition)
        told = {message["evidence"] for message in self.review["messages"]}
        by_domain: dict[str, list[tuple[ScoreRow, list[Cell]]]] = {}
        for row, cells in zip(self.review["rows"], whole.rows, strict=True):
            linked = list(cells)
            linked[1] = Cell(cells[1].text, href=self.edition.evidence(row["evidence"]))
            by_domain.setdefault(row["measure"]["domain"], []).append((row, linked))
        for place, (domain, held) in enumerate(by_domain.items(), start=1):
            words = name(self.review["domains"].get(domain)) or domain
            self._subhead(place, words)
            for row, _cells in held:
                if row["signal"] != Signal.COMMON and row["evidence"] not in told:
                    self._row_sentence(row)
            rows = [cells for _row, cells in held]
            add_table(self.made, Sheet(domain, words, whole.columns, rows))
        if not by_domain:
            self._sentence(whole.empty + _("."))

    def _row_sentence(self, row: ScoreRow) -> None:
        """Write what is unusual of one indicator, with the way to it."""
        line = self.made.add_paragraph()
        self._run(line, sheet_scores.score_sentence(row))
        self._code(line, row["evidence"])

    def _areas(self) -> None:
        whole = sheet_scores.matrix(self.review)
        if not whole.rows or len(whole.columns) < 3:
            return
        self._head(_("Indicators by area"))
        for words in (*whole.notes, _("Bold: a special cause in that area.")):
            self._sentence(words)
        for part in _abreast(whole):
            add_table(self.made, part)
            self._line("", size=TABLE).paragraph_format.line_spacing = Pt(12)

    def _fair(self) -> None:
        whole = sheet_units.fair(self.review)
        self._head(_("Fair comparison of units"))
        for words in whole.notes:
            self._sentence(words)
        start = 0
        for place, one in enumerate(self.review["fair"], start=1):
            rows = whole.rows[start : start + len(one["points"])]
            start += len(one["points"])
            words = _("{what} ({unit})").format(
                what=name(one["measure"]["name"]), unit=unit_of(one)
            )
            self._subhead(place, words)
            add_table(self.made, Sheet("fair", words, whole.columns, rows))
        if not self.review["fair"]:
            self._sentence(whole.empty + _("."))

    def _section(self, head: str, sheet: Sheet) -> None:
        self._head(head)
        if not sheet.rows:
            self._sentence(sheet.empty + _("."))
            return
        for words in sheet.notes:
            self._sentence(words)
        add_table(self.made, sheet)

    def _notes(self) -> None:
        self._head(_("Notes"))
        lines = [*about(self.review, self.minutes, self.edition), *terms(self.review)]
        skipped = {_("Formulas"), _("Name of the report")}
        for head, words in lines:
            if head in skipped or words == demo_sentence():
                continue
            line = self._line("", size=TABLE)
            line.paragraph_format.line_spacing = Pt(18)
            self._run(line, _("{head}: ").format(head=head), size=TABLE, font="黑体")
            self._run(line, words, size=TABLE)
        if self.review["demo"]:
            self._sentence(demo_sentence())

    # ---- lines ----

    def _head(self, words: str) -> None:
        self.heads += 1
        zh = language() != "en"
        number = f"{NUMERALS[self.heads - 1]}、" if zh else f"{self.heads}. "
        self.made.add_paragraph(number + clean(words), style="Heading 1")

    def _subhead(self, number: int, words: str) -> None:
        zh = language() != "en"
        lead = f"（{NUMERALS[number - 1]}）" if zh and number <= len(NUMERALS) else f"({number}) "
        self.made.add_paragraph(lead + clean(words), style="Heading 2")

    def _sentence(self, words: str) -> Paragraph:
        line = self.made.add_paragraph()
        self._run(line, words)
        return line

    def _line(
        self, words: str, *, font: str = "", centred: bool = False, size: float = BODY
    ) -> Paragraph:
        """Add a line that is not set in."""
        line = self.made.add_paragraph()
        line.paragraph_format.first_line_indent = Pt(0)
        if centred:
            line.alignment = WD_ALIGN_PARAGRAPH.CENTER
        self._run(line, words, font=font, size=size)
        return line

    def _run(
        self,
        line: Paragraph,
        words: str,
        *,
        font: str = "",
        size: float = BODY,
        strong: bool = False,
    ) -> None:
        if words:
            type_run(line.add_run(clean(words)), font, size, strong=strong)

    def _code(self, line: Paragraph, code: str) -> None:
        """End a sentence with the code that opens its number."""
        address = self.edition.evidence(code)
        if not address:
            return
        way = self.made.part.relate_to(address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
        run = run_xml(f"〔{code}〕" if language() != "en" else f" [{code}]", NOTE + 1, link=True)
        about = f'{nsdecls("w", "r")} r:id="{escape(way)}" w:history="1"'
        line._p.append(parse_xml(f"<w:hyperlink {about}>{run}</w:hyperlink>"))


def _abreast(whole: Sheet) -> Iterator[Sheet]:
    """Yield a wide table as tables of so many areas as a page holds; two columns are an area's."""
    first = 2
    for start in range(first, len(whole.columns), 2 * AREAS_ABREAST):
        kept = [*range(first), *range(start, min(start + 2 * AREAS_ABREAST, len(whole.columns)))]
        yield Sheet(
            whole.key,
            whole.title,
            [whole.columns[i] for i in kept],
            [[cells[i] for i in kept] for cells in whole.rows],
        )


def day_of(epoch: float) -> str:
    """Return a day in full: 2026年11月23日, 23 November 2026."""
    day: date = local(epoch).date()
    if language() == "en":
        return f"{day:%Y-%m-%d}"
    return f"{day.year}年{day.month}月{day.day}日"
