"""Make a promise in a review: of an indicator that is to move, or of a case that is to end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from data import models as m
from data.cases.loop import Actor
from data.catalogue import Catalogue
from data.commands.review.outcomes import Done
from data.commands.review.rights import LEADERS, barred, note, tried
from data.queries.keys import Keys
from data.queries.scope import scope_of
from data.review.promises import CLOSED, EXPECTED, FARTHEST_WEEKS, Act, State
from data.review.refusals import (
    NAME_LIMIT,
    TEXT_LIMIT,
    Code,
    Problem,
    Refusal,
    plain,
    refused,
)
from data.review.week_text import monday, this_monday, written
from data.vocabulary import Role

c = m.cases.c


@dataclass(frozen=True)
class Wanted:
    """A promise as it was typed. week, area: the review it is made in. due: a week, "2026-W49".

    Of an indicator: code, the area it is looked at in (that of the review if none), and expected
    (higher or lower). Of a case: case_no. department: catalogue key.
    """

    week: str
    area: str
    text: str
    department: str
    owner: str
    due: str
    code: str = ""
    of_area: str = ""
    expected: str = ""
    case_no: str = ""


def make_promise(
    conn: Connection, catalogue: Catalogue, keys: Keys, wanted: Wanted, actor: Actor,
    now: datetime, *, origin: str = "",
) -> Done | Refusal:  # fmt: skip
    """Write a promise, all of it or nothing. conn: from `store.write()`.

    Returns:
        Done with its number; Refusal with every field that is wrong, or why this actor may not.
    """
    object_ = f"review {wanted.week[:10]} {wanted.area[:20]}"
    bar = _where(catalogue, wanted, now) or barred(catalogue, actor, wanted.area, LEADERS)
    if bar is not None:
        return tried(conn, actor, "promise.made", object_, now, origin, bar)
    read = _Reading(conn, catalogue, keys, wanted, now)
    values, wrong = read.read()
    problem = refused(wrong)
    if problem is not None:
        return problem
    number = _write(conn, values, actor, now)
    told = {k: v.isoformat() if isinstance(v, date) else v for k, v in values.items()}
    note(conn, actor, "promise.made", f"promise {number}", now, origin, after=told)
    return Done(number, 1, State.OPEN.value)


def _where(catalogue: Catalogue, wanted: Wanted, now: datetime) -> Refusal | None:
    """Return what is wrong with the review it is to be made in."""
    return week_problem(wanted.week, now) or area_problem(catalogue, wanted.area)


def week_problem(week: str, now: datetime) -> Refusal | None:
    """Return why this is no week of a review: none at all, or one that has not begun."""
    try:
        first = monday(week)
    except ValueError:
        return Refusal(Code.UNKNOWN, {"field": "week", "value": week[:20]})
    if first > this_monday(now):
        return Refusal(Code.IN_THE_FUTURE, {"field": "week", "week": week})
    return None


def area_problem(catalogue: Catalogue, area: str) -> Refusal | None:
    """Return why there is no review of this area."""
    if area in catalogue.areas:
        return None
    return Refusal(Code.UNKNOWN, {"field": "area", "value": area[:20]})


def read_due(text: str, made: date, now: datetime) -> date | Problem:
    """Return the Monday of a due week: not over yet, not before the review, not too far."""
    if not text.strip():
        return Problem(Code.MISSING)
    try:
        due = monday(text)
    except ValueError:
        return Problem(Code.UNKNOWN, {"value": text[:20]})
    first = max(made, this_monday(now))
    if due < first:
        return Problem(Code.PAST, {"than": written(first)})
    last = this_monday(now) + timedelta(weeks=FARTHEST_WEEKS)
    return Problem(Code.TOO_FAR, {"than": written(last)}) if due > last else due


def _write(conn: Connection, values: dict[str, Any], actor: Actor, now: datetime) -> int:
    row = {
        **values,
        "version": 1,
        "state": State.OPEN.value,
        "made_at": now,
        "made_by": actor.id,
        "made_name": actor.name[:NAME_LIMIT],
    }
    made = m.promise.insert().values(row).returning(m.promise.c.id)
    number = int(conn.execute(made).scalar_one())
    detail = {"due": values["due_week"].isoformat()}
    write_event(conn, number, values["made_week"], Act.MADE, actor, now, "", detail)
    return number


def write_event(
    conn: Connection, number: int, week: date, act: Act, actor: Actor, now: datetime, text: str,
    detail: Mapping[str, Any],
) -> None:  # fmt: skip
    """Add one event of a promise."""
    values = {
        "promise_id": number,
        "at": now,
        "week": week,
        "action": act.value,
        "actor_id": actor.id,
        "actor": actor.name[:NAME_LIMIT],
        "note": text,
        "detail": dict(detail),
    }
    conn.execute(m.promise_event.insert().values(values))


class _Reading:
    """Reads the fields of a promise and gathers what is wrong with them, in form order."""

    def __init__(
        self, conn: Connection, catalogue: Catalogue, keys: Keys, wanted: Wanted, now: datetime
    ) -> None:
        self.conn, self.catalogue, self.keys = conn, catalogue, keys
        self.wanted, self.now = wanted, now
        self.wrong: dict[str, Problem] = {}
        self.below = scope_of(catalogue, role=Role.LEADER, department=None, area=wanted.area).areas

    def read(self) -> tuple[dict[str, Any], dict[str, Problem]]:
        """Return the columns and the problems by field."""
        wanted, made = self.wanted, monday(self.wanted.week)
        about = self._about()
        values = {
            **about,
            "area_id": self.keys.areas[wanted.area],
            "made_week": made,
            "text": self._keep("text", plain(wanted.text, TEXT_LIMIT)),
            "department_id": self._department(),
            "owner": self._keep("owner", plain(wanted.owner, NAME_LIMIT)),
            "due_week": self._keep("due", read_due(wanted.due, made, self.now)),
        }
        return values, self.wrong

    def _keep(self, name: str, found: Any) -> Any:
        if isinstance(found, Problem):
            self.wrong[name] = found
            return None
        return found

    def _department(self) -> int | None:
        key = self.wanted.department
        if key not in self.catalogue.departments:
            code = Code.UNKNOWN if key else Code.MISSING
            self.wrong["department"] = Problem(code, {"value": key[:40]} if key else {})
            return None
        return self.keys.departments[key]

    def _about(self) -> dict[str, Any]:
        wanted = self.wanted
        if bool(wanted.code) == bool(wanted.case_no.strip()):
            self.wrong["code"] = Problem(Code.ONE_OF_TWO)
            return {}
        return self._indicator() if wanted.code else self._case()

    def _indicator(self) -> dict[str, Any]:
        wanted, area = self.wanted, self.wanted.of_area or self.wanted.area
        if wanted.code not in self.catalogue.indicators:
            self.wrong["code"] = Problem(Code.UNKNOWN, {"value": wanted.code[:40]})
        problem = self._place(area)
        if problem is not None:
            self.wrong["of_area"] = problem
        if wanted.expected not in EXPECTED:
            code = Code.UNKNOWN if wanted.expected else Code.MISSING
            self.wrong["expected"] = Problem(code, {"choices": EXPECTED})
        if self.wrong:
            return {}
        return {
            "indicator_id": self.keys.indicators[wanted.code],
            "of_area_id": self.keys.areas[area],
            "expected": wanted.expected,
        }

    def _place(self, area: str) -> Problem | None:
        if area not in self.catalogue.areas:
            return Problem(Code.UNKNOWN, {"value": area[:20]})
        if self.below is not None and area not in self.below:
            return Problem(Code.OUTSIDE, {"area": self.wanted.area})
        here = self.wanted.code not in self.catalogue.indicators or self._is_here(area)
        return None if here else Problem(Code.NOT_HERE, {"area": area})

    def _is_here(self, area: str) -> bool:
        """Return whether the area ever told it. Of protected counts that is not told either."""
        if self.catalogue.indicators[self.wanted.code].small_count:
            return True
        r = m.rollup_week.c
        mine = (r.indicator_id == self.keys.indicators[self.wanted.code],
                r.area_id == self.keys.areas[area])  # fmt: skip
        return self.conn.execute(select(r.bucket).where(*mine).limit(1)).first() is not None

    def _case(self) -> dict[str, Any]:
        number = self.wanted.case_no.strip()
        query = select(c.area_id, c.closed_at).where(c.case_no == number)
        row = self.conn.execute(query).first()
        inside = row is not None and (
            self.below is None or self.keys.area_codes()[row.area_id] in self.below
        )
        if row is None or not inside:  # that it is elsewhere is not told
            self.wrong["case_no"] = Problem(Code.UNKNOWN, {"value": number[:40]})
        elif row.closed_at is not None:
            self.wrong["case_no"] = Problem(Code.ENDED, {"at": row.closed_at})
        return {"case_no": number, "expected": CLOSED}
