"""All tables of a print, in their order."""

from __future__ import annotations

from components.report import sheet_people, sheet_scores, sheet_units
from components.report.cells import Sheet
from components.report.edition import Edition
from components.report.sheet_notes import notes
from data.vocabulary.meeting import Minutes
from data.vocabulary.review import Review


def sheets(review: Review, minutes: Minutes, edition: Edition) -> list[Sheet]:
    """Return every table of the workbook, in the language spoken now."""
    return [
        notes(review, minutes, edition),
        sheet_units.totals(review),
        sheet_people.messages(review, minutes, edition),
        sheet_scores.scorecard(review, edition),
        sheet_scores.weeks(review),
        sheet_scores.matrix(review),
        sheet_units.fair(review),
        sheet_units.departments(review),
        sheet_units.days(review),
        sheet_people.late(review),
        sheet_people.gaps(review),
        sheet_people.promises(review, minutes),
        sheet_people.restated(review, minutes),
    ]
