"""The official layout of a document: A4, margins, type, page numbers (GB/T 9704-2012).

Fonts are named, not carried: where one is missing, the alternatives of the font table stand in.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, cast
from xml.sax.saxutils import quoteattr

import docx
from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.section import Section
from docx.shared import Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.text.paragraph import Paragraph
from docx.text.run import Run

TOP, BOTTOM, LEFT, RIGHT = 37, 35, 28, 26
"""Margins in mm."""
TEXT_WIDTH = 210 - LEFT - RIGHT
LINE = 28
"""Points from line to line."""
TITLE, BODY, TABLE, NOTE, PAGE = 22, 16, 10.5, 9, 14
"""Sizes in points: 二号, 三号, 五号, 小五, 四号."""

SONG, FANG, HEI, KAI, XBS = "宋体", "仿宋_GB2312", "黑体", "楷体_GB2312", "方正小标宋简体"
LATIN = "Times New Roman"
INSTEAD = {
    XBS: "方正小标宋_GBK,华文中宋,STZhongsong,Noto Serif CJK SC,宋体",
    FANG: "仿宋,FangSong,方正仿宋_GBK,华文仿宋,STFangsong,Noto Serif CJK SC",
    KAI: "楷体,KaiTi,方正楷体_GBK,华文楷体,STKaiti,Noto Serif CJK SC",
    HEI: "SimHei,方正黑体_GBK,华文细黑,Noto Sans CJK SC",
    SONG: "SimSun,华文宋体,Noto Serif CJK SC",
}
"""What may stand for a font that a machine has not."""
STYLES: tuple[tuple[str, str, float, bool, bool], ...] = (
    ("Title", XBS, TITLE, True, False),
    ("Heading 1", HEI, BODY, False, True),
    ("Heading 2", KAI, BODY, False, True),
)
"""Style, its Chinese font, size, centred, first line set in."""
RED = RGBColor(0xC2, 0x2F, 0x38)


def new_document(lang: str, *, author: str, title: str, made: float) -> Document:
    """Return an empty document in the official layout."""
    document = docx.Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(TOP), Mm(BOTTOM)
    section.left_margin, section.right_margin = Mm(LEFT), Mm(RIGHT)
    section.footer_distance = Mm(BOTTOM - 7)
    _styles(document, lang)
    _fonts(document)
    document.settings.odd_and_even_pages_header_footer = True
    _page_numbers(section)
    about = document.core_properties
    about.author = about.last_modified_by = author
    about.title, about.comments = title, ""
    about.created = about.modified = datetime.fromtimestamp(made, UTC).replace(tzinfo=None)
    about.language = "zh-CN" if lang == "zh" else "en"
    return document


def _styles(document: Document, lang: str) -> None:
    normal = cast(ParagraphStyle, document.styles["Normal"])
    _type(normal, FANG, BODY)
    _spaced(normal, indent=BODY * 2 if lang == "zh" else 0)
    _language(normal)
    for name, font, size, centred, indented in STYLES:
        style = cast(ParagraphStyle, document.styles[name])
        _type(style, font, size)
        _spaced(style, indent=size * 2 if indented and lang == "zh" else 0)
        style.font.bold = lang != "zh"
        style.font.italic = False
        style.font.color.rgb = RGBColor(0, 0, 0)
        style.paragraph_format.keep_with_next = True
        if centred:
            style.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
        for line in style.element.xpath("./w:pPr/w:pBdr"):
            line.getparent().remove(line)


def _type(style: ParagraphStyle, font: str, size: float) -> None:
    style.font.name, style.font.size = LATIN, Pt(size)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for name in list(fonts.attrib):
        if "heme" in name:
            del fonts.attrib[name]
    for kind in ("w:ascii", "w:hAnsi", "w:cs"):
        fonts.set(qn(kind), LATIN)
    fonts.set(qn("w:eastAsia"), font)


def _spaced(style: ParagraphStyle, *, indent: float) -> None:
    form = style.paragraph_format
    form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(LINE)
    form.space_before = form.space_after = Pt(0)
    form.first_line_indent = Pt(indent)
    form.widow_control = True


def _language(style: ParagraphStyle) -> None:
    said = OxmlElement("w:lang")
    said.set(qn("w:val"), "en-GB")
    said.set(qn("w:eastAsia"), "zh-CN")
    style.element.get_or_add_rPr().append(said)


def _fonts(document: Document) -> None:
    """Write the font table: each font with what may stand for it."""
    part = document.part.part_related_by(RELATIONSHIP_TYPE.FONT_TABLE)
    entries = "".join(
        f"<w:font w:name={quoteattr(font)}><w:altName w:val={quoteattr(instead)}/>"
        '<w:charset w:val="86"/><w:family w:val="auto"/><w:pitch w:val="variable"/></w:font>'
        for font, instead in INSTEAD.items()
    )
    latin = f'<w:font w:name="{LATIN}"><w:charset w:val="00"/><w:family w:val="roman"/></w:font>'
    table = f"<w:fonts {nsdecls('w')}>{latin}{entries}</w:fonts>"
    # The library reads this part and never writes it: it is a plain part, whose bytes are these.
    part._blob = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n' + table.encode(
        "utf-8"
    )


def _page_numbers(section: Section) -> None:
    """Write "— 1 —" one letter from the outer edge: right on odd pages, left on even ones."""
    for footer, align in ((section.footer, "right"), (section.even_page_footer, "left")):
        footer.is_linked_to_previous = False
        line = footer.paragraphs[0]
        line.paragraph_format.first_line_indent = Pt(0)
        right = align == "right"
        line.alignment = WD_ALIGN_PARAGRAPH.RIGHT if right else WD_ALIGN_PARAGRAPH.LEFT
        edge = "right_indent" if right else "left_indent"
        setattr(line.paragraph_format, edge, Pt(PAGE))
        _run(line, "— ")
        line._p.append(_page_field())
        _run(line, " —")


def _run(line: Paragraph, text: str) -> None:
    line._p.append(parse_xml(f"<w:r {nsdecls('w')}>{_page_type()}{_text(text)}</w:r>"))


def _page_field() -> Any:
    inner = f"<w:r>{_page_type()}<w:t>1</w:t></w:r>"
    return parse_xml(f'<w:fldSimple {nsdecls("w")} w:instr=" PAGE ">{inner}</w:fldSimple>')


def _page_type() -> str:
    fonts = f'<w:rFonts w:ascii="{SONG}" w:hAnsi="{SONG}" w:eastAsia="{SONG}"/>'
    return f'<w:rPr>{fonts}<w:sz w:val="{PAGE * 2}"/><w:szCs w:val="{PAGE * 2}"/></w:rPr>'


def _text(text: str) -> str:
    return f'<w:t xml:space="preserve">{text}</w:t>'


def type_run(run: Run, font: str, size: float, *, strong: bool = False) -> None:
    """Set a run apart from its paragraph: another Chinese font, another size, bold."""
    if strong:
        run.font.bold = True
    if size != BODY:
        run.font.size = Pt(size)
    if font:
        run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)


def rule(paragraph: Paragraph, side: str, colour: str, eighths: int) -> None:
    """Draw a line above a paragraph, then perhaps below it; its width in eighths of a point."""
    about = paragraph._p.get_or_add_pPr()
    lines = about.find(qn("w:pBdr"))
    one = OxmlElement(f"w:{side}")
    for name, value in (("val", "single"), ("sz", str(eighths)), ("space", "1"), ("color", colour)):
        one.set(qn(f"w:{name}"), value)
    if lines is not None:
        lines.append(one)
        return
    lines = OxmlElement("w:pBdr")
    lines.append(one)
    about.insert_element_before(
        lines, "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:kinsoku", "w:wordWrap",
        "w:overflowPunct", "w:topLinePunct", "w:autoSpaceDE", "w:autoSpaceDN", "w:bidi",
        "w:adjustRightInd", "w:snapToGrid", "w:spacing", "w:ind", "w:contextualSpacing",
        "w:mirrorIndents", "w:suppressOverlap", "w:jc", "w:textDirection", "w:textAlignment",
        "w:textboxTightWrap", "w:outlineLvl", "w:divId", "w:cnfStyle", "w:rPr", "w:sectPr",
        "w:pPrChange",
    )  # fmt: skip
