"""Which week of which area somebody wants out of the system, and all that a print is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from components.i18n import _
from components.report import Edition, document, workbook
from components.review_head import gone
from components.review_words import doubt_sentence, week_word
from data.calendar.week import Week, WeekError
from data.catalogue import Catalogue
from data.panels import weekly
from data.queries.keys import read_keys
from data.queries.review.meeting import minutes
from data.queries.scope import Scope
from data.store import Store
from data.vocabulary import LANGUAGES, LOCAL, TOWN_LEVEL
from data.vocabulary.meeting import Minutes
from data.vocabulary.review import Review

KINDS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
}
PAGE = "/weekly"


class WishError(ValueError):
    """A wish that cannot be met, in words for who wishes."""


@dataclass(frozen=True)
class Wish:
    """One print. week: as 2026-W47."""

    kind: str
    week: str
    area: str
    lang: str

    @property
    def address(self) -> str:
        """The page that the PDF is printed from: path and query."""
        query = {"week": self.week, "area": self.area, "print": "1", "lang": self.lang}
        return f"{PAGE}?{urlencode(query)}"


def read_wish(
    kind: str, asked: Mapping[str, str], catalogue: Catalogue, now: datetime, *, lang: str
) -> Wish:
    """Return what is wished; without a week the newest that is over, without an area the city.

    Raises:
        WishError: a week or an area that is none, or a week that has not begun; worded in the
            language spoken now.
    """
    today = now.astimezone(LOCAL).date()
    text = asked.get("week", "").strip()
    try:
        week = Week.parse(text) if text else Week.of(today - timedelta(days=7))
    except WeekError as error:
        raise WishError(
            _("No such week: {text}. Write it as {example}.").format(
                text=text[:20], example="2026-W47"
            )
        ) from error
    if week.first > today:
        raise WishError(_("The week has not begun: {week}").format(week=week_word(str(week))))
    area = asked.get("area", "").strip() or catalogue.city.code
    known = catalogue.areas.get(area)
    if known is None or known.level > TOWN_LEVEL:
        raise WishError(_("No such area: {code}").format(code=area[:20]))
    return Wish(kind, str(week), area, lang if lang in LANGUAGES else LANGUAGES[0])


def gather(
    store: Store, catalogue: Catalogue, wish: Wish, scope: Scope, now: datetime
) -> tuple[Review, Minutes]:
    """Return what the page of a week shows to somebody of this scope.

    Raises:
        WishError: there is nothing to print, and why.
    """
    with store.read() as conn:
        keys = read_keys(conn)
    review = weekly.page(store, catalogue, keys, wish.week, wish.area, now)
    if gone(review["doubts"]):
        why = " ".join(doubt_sentence(d) for d in review["doubts"])
        raise WishError(_("There is nothing to print: {why}").format(why=why))
    with store.read() as conn:
        added = minutes(conn, catalogue, keys, wish.week, wish.area, now, review)
    return within(review, scope), added


def within(review: Review, scope: Scope) -> Review:
    """Return a review whose late cases are those of somebody's scope; figures are everybody's."""
    kept = [
        one for one in review["late"] if scope.covers(one["area_code"], [one["department_code"]])
    ]
    left = len(review["late"]) - len(kept)
    return {**review, "late": kept, "more_late": review["more_late"] + left}


def edition_of(catalogue: Catalogue, wish: Wish, *, base: str, made: datetime, by: str) -> Edition:
    """Return who gets this print."""
    return Edition(
        lang=wish.lang,
        base=base.rstrip("/"),
        made=made.timestamp(),
        by=by,
        area=catalogue.areas[wish.area].name,
        issuer=catalogue.city.issuer,
        readers=catalogue.city.readers,
    )


def make(wish: Wish, review: Review, added: Minutes, edition: Edition) -> bytes:
    """Return the workbook or the document."""
    write = workbook if wish.kind == "xlsx" else document
    return write(review, added, edition)
