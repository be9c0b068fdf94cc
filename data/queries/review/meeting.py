"""The minutes of a review: what people added to a week, and what they must look at in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, select

from data import models as m
from data.catalogue import Catalogue
from data.queries.keys import Keys
from data.queries.review.edits import edits_of
from data.queries.review.packs import restated
from data.queries.review.promises import Kept, followed_in
from data.queries.review.verdicts import Followed, followed_by
from data.review.promises import State
from data.review.rhythm import reminders
from data.review.week_text import monday, this_monday, written
from data.vocabulary.meeting import Minutes, PromiseLine, Remark
from data.vocabulary.review import Review
from data.vocabulary.review_terms import Verdict

MOST_REMARKS = 200
_kept: WeakKeyDictionary[Engine, dict[tuple[str, str, int], Followed]] = WeakKeyDictionary()


def minutes(
    conn: Connection,
    catalogue: Catalogue,
    keys: Keys,
    week: str,
    area: str,
    now: datetime,
    review: Review,
) -> Minutes:
    """Return what people added to the review of a week and area.

    Promises are those that its meeting follows: made in it or before, and not decided before it.
    First what is open from earlier meetings, overdue before the rest and by due week; then what
    was decided; then what was promised in it. review: the page of that week as it is now.
    """
    first, own = monday(week), keys.areas[area]
    packs = {one["week"]: one for one in restated(conn, catalogue, keys, week, area, review)}
    frozen = packs.pop(week, None)
    followed = followed_in(conn, own, first)
    spoken = any(event["week"] == week for one in followed for event in one.history)
    return {
        "edits": edits_of(conn, keys, week, area),
        "promises": _Scene(conn, catalogue, keys, first, now, review).lines(followed),
        "frozen": frozen,
        "earlier": list(packs.values()),
        "reminders": reminders(
            catalogue.review, first, now, frozen=frozen is not None, written=spoken
        ),
    }


@dataclass(frozen=True)
class _Scene:
    """What the lines of promises are made from."""

    conn: Connection
    catalogue: Catalogue
    keys: Keys
    week: date
    now: datetime
    review: Review

    def lines(self, found: list[Kept]) -> list[PromiseLine]:
        """Return the promises, those to look at first at the head."""
        cases = self._cases(one.row.case_no for one in found if one.row.case_no)
        ordered = sorted(found, key=self._place)
        return [self._line(one, cases.get(one.row.case_no or "")) for one in ordered]

    def _place(self, one: Kept) -> tuple[bool, bool, date, int]:
        new = one.now.made == self.week
        return (new, one.now.state is not State.OPEN, one.now.due, one.row.id)

    def _cases(self, numbers: Iterable[str]) -> dict[str, Any]:
        c, wanted = m.cases.c, sorted(set(numbers))
        if not wanted:
            return {}
        query = select(c.case_no, c.state, c.closed_at).where(c.case_no.in_(wanted[:900]))
        return {row.case_no: row for row in self.conn.execute(query).all()}

    def _line(self, one: Kept, case: Any) -> PromiseLine:
        row, codes = one.row, self.keys.area_codes()
        told = self._followed(one)
        department = next(k for k, i in self.keys.departments.items() if i == row.department_id)
        known = self.catalogue.departments.get(department)
        closed = case.closed_at if case else None
        return {
            "id": row.id,
            "version": one.now.version,
            "state": one.now.state.value,
            "text": row.text,
            "made": written(one.now.made),
            "due": written(one.now.due),
            "made_by": row.made_name,
            "made_at": row.made_at.timestamp(),
            "owner": row.owner,
            "department": known.name if known else {"zh": department, "en": department},
            "code": self._code(row.indicator_id),
            "area": None if row.of_area_id is None else codes[row.of_area_id],
            "case_no": row.case_no,
            "expected": row.expected,
            "carried": one.now.carried,
            "overdue": one.now.overdue(this_monday(self.now)),
            "verdict": told.verdict,
            "doubt": told.doubt,
            "before": told.before,
            "after": told.after,
            "weeks_after": told.weeks,
            "case_state": case.state if case else None,
            "case_closed": closed.timestamp() if closed else None,
            "history": one.history,
        }

    def _code(self, indicator: int | None) -> str | None:
        return None if indicator is None else self.keys.indicator_codes()[indicator]

    def _followed(self, one: Kept) -> Followed:
        """Return what followed a promise, from the last answer while the page is the same."""
        row = one.row
        code = self._code(row.indicator_id)
        if code is None:
            return Followed(Verdict.UNKNOWN)
        kept = _kept.setdefault(self.conn.engine, {})
        made_of = f"{self.review['mark']} {self.review['as_of']}"
        key = (made_of, written(self.week), row.id)
        if self.review["mark"] and key in kept:
            return kept[key]
        last = min(self.week, this_monday(self.now) - timedelta(days=7))
        found = followed_by(
            self.conn, self.catalogue, self.keys, code, self.keys.area_codes()[row.of_area_id],
            row.expected, one.now.made, last,
        )  # fmt: skip
        if len(kept) > 2000:
            kept.clear()
        kept[key] = found
        return found


def remarks(conn: Connection, keys: Keys, indicator: str, area: str) -> list[Remark]:
    """Return what was said about an indicator of an area, newest first.

    Of what was withdrawn only who and when is told.
    """
    r = m.remark.c
    mine = (r.indicator_id == keys.indicators[indicator], r.area_id == keys.areas[area])
    query = select(m.remark).where(*mine).order_by(r.id.desc()).limit(MOST_REMARKS)
    return [
        {
            "id": row.id,
            "at": row.at.timestamp(),
            "by": row.actor,
            "text": "" if row.withdrawn else row.text,
            "day": row.day.isoformat() if row.day and not row.withdrawn else None,
            "withdrawn": row.withdrawn,
        }
        for row in conn.execute(query).all()
    ]
