"""Who gets which print: language, addresses, names, and what the files are called."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote

from components.exercise_mark import prefixed
from components.i18n import _, name, use
from components.review_words import week_word
from data.vocabulary import Names
from data.vocabulary.review import Review


@dataclass(frozen=True)
class Edition:
    """One print of a review.

    base: where the house is reached, without a slash at the end; made: epoch seconds; by: who
    asked for it; area: of whom the review is; issuer, readers: who it is by and for.
    """

    lang: str
    base: str
    made: float
    by: str
    area: Names
    issuer: Names
    readers: Names

    def evidence(self, code: str) -> str:
        """Return the address that opens where a number comes from, "" without a code."""
        return f"{self.base}/e/{quote(code, safe='.-')}" if code else ""


def title(edition: Edition) -> str:
    """Return what the review is called, in the language spoken now."""
    return prefixed(_("Weekly city operations review, {area}").format(area=name(edition.area)))


def file_name(review: Review, edition: Edition, kind: str) -> str:
    """Return the name of the file, such as 河源市城市运行周报 2026年第47周.docx."""
    with use(edition.lang):
        words = f"{title(edition)} {week_word(review['week'])}"
        if review["demo"]:
            words += " " + _("Demo data")
    return re.sub(r'[\\/:*?"<>|\x00-\x1f]+', " ", words).strip() + f".{kind}"
