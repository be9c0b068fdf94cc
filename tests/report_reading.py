"""Reads an exported workbook or document back, by other means than those that wrote it."""

from __future__ import annotations

import zipfile
from io import BytesIO
from typing import Any

import docx
from docx.table import Table
from docx.text.paragraph import Paragraph
from python_calamine import CalamineWorkbook

from components.report import Edition
from data.vocabulary import Names
from data.vocabulary.meeting import Minutes
from tests.review_sample_lines import AS_OF

BASE = "http://127.0.0.1:8050"


def edition(lang: str = "zh", **changes: Any) -> Edition:
    """Return who gets a print of the sample."""
    given: dict[str, Any] = {
        "lang": lang,
        "base": BASE,
        "made": AS_OF + 3600,
        "by": "王敏",
        "area": Names(zh="河源市", en="Heyuan"),
        "issuer": Names(zh="河源市城市运行指挥中心", en="Heyuan City Operations Centre"),
        "readers": Names(zh="市委、市政府主要领导", en="City leaders"),
    }
    return Edition(**(given | changes))


def no_minutes() -> Minutes:
    """Return that nobody added anything."""
    return Minutes(edits=[], promises=[], frozen=None, earlier=[], reminders=[])


def sheets_of(payload: bytes) -> dict[str, list[list[Any]]]:
    """Return the cells of every sheet by its name."""
    book = CalamineWorkbook.from_filelike(BytesIO(payload))
    return {n: book.get_sheet_by_name(n).to_python() for n in book.sheet_names}


def parts_of(payload: bytes, ending: str = ".xml") -> dict[str, str]:
    """Return the XML parts of a packed file by their names."""
    with zipfile.ZipFile(BytesIO(payload)) as packed:
        names = [n for n in packed.namelist() if n.endswith((ending, ".rels"))]
        return {n: packed.read(n).decode("utf-8") for n in names}


def lines_of(payload: bytes) -> list[str]:
    """Return every paragraph and table row of a document, in their order."""
    found: list[str] = []
    for block in docx.Document(BytesIO(payload)).iter_inner_content():
        if isinstance(block, Paragraph):
            found.append(block.text)
        elif isinstance(block, Table):
            found += ["\t".join(cell.text for cell in row.cells) for row in block.rows]
    return found


def everything(payload: bytes) -> str:
    """Return all text of a packed file, however it is kept."""
    return "\n".join(parts_of(payload).values())
