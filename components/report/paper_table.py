"""A table of the document, written as XML: hundreds of rows in tenths of a second."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from xml.sax.saxutils import escape

from docx.document import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from components.report.cells import Cell, Column, Sheet
from components.report.layout import HEI, TABLE, TEXT_WIDTH

TWIPS = 56.6929
"""Twentieths of a point in a millimetre."""
NAMESPACES = nsdecls("w", "r")


def add_table(document: Document, sheet: Sheet) -> None:
    """Add the columns of `sheet` that are printed, its head repeated on every page."""
    kept = [i for i, column in enumerate(sheet.columns) if column.paper]
    columns = [sheet.columns[i] for i in kept]
    widths = _widths(columns)
    way = _links(document)
    head = _row([Cell(c.head) for c in columns], columns, widths, way, head=True)
    rows = [_row([cells[i] for i in kept], columns, widths, way) for cells in sheet.rows]
    grid = "".join(f'<w:gridCol w:w="{w}"/>' for w in widths)
    table = (
        f"<w:tbl {NAMESPACES}>{_about(sum(widths))}<w:tblGrid>{grid}</w:tblGrid>"
        f"{head}{''.join(rows)}</w:tbl>"
    )
    document.element.body.insert_element_before(parse_xml(table), "w:sectPr")


def _widths(columns: Sequence[Column]) -> list[int]:
    whole = sum(c.paper for c in columns)
    return [round(TEXT_WIDTH * TWIPS * c.paper / whole) for c in columns]


def _links(document: Document) -> Callable[[str], str]:
    known: dict[str, str] = {}

    def way(address: str) -> str:
        if address not in known:
            known[address] = document.part.relate_to(
                address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True
            )
        return known[address]

    return way


def _about(width: int) -> str:
    lines = "".join(
        f'<w:{side} w:val="single" w:sz="{size}" w:space="0" w:color="{colour}"/>'
        for side, size, colour in (
            ("top", 8, "1B2127"), ("bottom", 8, "1B2127"), ("insideH", 4, "9AA4AE"),
        )
    )  # fmt: skip
    margins = '<w:left w:w="57" w:type="dxa"/><w:right w:w="57" w:type="dxa"/>'
    return (
        f'<w:tblPr><w:tblW w:w="{width}" w:type="dxa"/><w:tblBorders>{lines}</w:tblBorders>'
        f'<w:tblLayout w:type="fixed"/><w:tblCellMar>{margins}</w:tblCellMar></w:tblPr>'
    )


def _row(
    cells: Sequence[Cell],
    columns: Sequence[Column],
    widths: Sequence[int],
    way: Callable[[str], str],
    *,
    head: bool = False,
) -> str:
    inside = "".join(
        _cell(cell, column, width, way, head=head)
        for cell, column, width in zip(cells, columns, widths, strict=True)
    )
    repeated = "<w:tblHeader/>" if head else ""
    return f"<w:tr><w:trPr><w:cantSplit/>{repeated}</w:trPr>{inside}</w:tr>"


def _cell(cell: Cell, column: Column, width: int, way: Callable[[str], str], *, head: bool) -> str:
    align = '<w:jc w:val="right"/>' if column.numeric else '<w:jc w:val="left"/>'
    spacing = '<w:spacing w:before="20" w:after="20" w:line="300" w:lineRule="exact"/>'
    form = f'<w:pPr>{spacing}<w:ind w:firstLine="0"/>{align}</w:pPr>'
    shade = '<w:shd w:val="clear" w:color="auto" w:fill="E4E9ED"/>' if head else ""
    about = f'<w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{shade}<w:vAlign w:val="center"/></w:tcPr>'
    run = run_xml(cell.text, TABLE, strong=cell.strong, head=head, link=bool(cell.href))
    if cell.href:
        run = f'<w:hyperlink r:id="{way(cell.href)}" w:history="1">{run}</w:hyperlink>'
    return f"<w:tc>{about}<w:p>{form}{run}</w:p></w:tc>"


def run_xml(
    text: str, size: float, *, strong: bool = False, head: bool = False, link: bool = False
) -> str:
    """Return a run of one size; line breaks stay."""
    font = f'<w:rFonts w:eastAsia="{HEI}"/>' if head or strong else ""
    bold = "<w:b/>" if strong else ""
    colour = '<w:color w:val="2F5E9E"/>' if link else ""
    half = round(size * 2)
    about = f'<w:rPr>{font}{bold}{colour}<w:sz w:val="{half}"/><w:szCs w:val="{half}"/></w:rPr>'
    lines = "<w:br/>".join(
        f'<w:t xml:space="preserve">{escape(line)}</w:t>' for line in text.split("\n")
    )
    return f"<w:r>{about}{lines}</w:r>"
