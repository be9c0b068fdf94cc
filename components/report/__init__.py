"""The weekly review out of the system: a workbook and a document of what the page shows."""

from components.report.document import document
from components.report.edition import Edition, file_name
from components.report.workbook import workbook

__all__ = ["Edition", "document", "file_name", "workbook"]
