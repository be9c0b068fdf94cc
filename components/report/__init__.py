"""The weekly review out of the system: a workbook and a document of what the page shows.

The libraries that write them are loaded when the first file is asked for: most processes never do.
"""

from __future__ import annotations

from components.report.edition import Edition, file_name
from data.vocabulary.meeting import Minutes
from data.vocabulary.review import Review

__all__ = ["Edition", "document", "file_name", "workbook"]


def workbook(review: Review, minutes: Minutes, edition: Edition) -> bytes:
    """Return the workbook of one week (.xlsx)."""
    from components.report import excel

    return excel.workbook(review, minutes, edition)


def document(review: Review, minutes: Minutes, edition: Edition) -> bytes:
    """Return the document of one week (.docx)."""
    from components.report import word

    return word.document(review, minutes, edition)
