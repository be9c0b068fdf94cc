"""What a new demonstration shows at first sight: matters that are somewhere in the loop already.

Of the past weeks a part was led here from the first report to the end, at the very moments their
platform tells; of the open ones each stands where there is something to see.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from data.catalogue import Catalogue
from data.commands.demo_accounts import HANDLERS
from data.commands.supervision import look
from data.connectors.records import ServiceRequest
from data.ingest.cases import case_number
from data.simulate.detours import STATE_WORDS
from data.simulate.officers_crew import House, do, may_lead, theirs, write_told
from data.simulate.officers_hand import enter
from data.simulate.officers_plan import Matter, Plan, Turn, ends_at, plan, turn_of
from data.simulate.randomness import share
from data.vocabulary import CaseAct, CaseState

A = CaseAct
Steps = list[tuple[CaseState, datetime]]
Told = tuple[str, ServiceRequest, Steps]

WEEKS = timedelta(weeks=4)
PAST = 0.045
"""Of the closed matters that could have been led here: each costs a dozen acts."""
MOVING = frozenset({
    A.TAKE_LEAD, A.DISPATCH, A.ACCEPT, A.START, A.REPORT_BACK, A.CHECK_BAD, A.CHECK_GOOD, A.CLOSE,
    A.ASK_RETURN, A.ASK_EXTENSION, A.ASK_SUSPENSION, A.GRANT, A.RESUME,
})  # fmt: skip
SHOWN: tuple[tuple[Turn, Callable[[list[CaseAct]], bool]], ...] = (
    (Turn.EXTENDED, lambda acts: acts[-1] is A.ASK_EXTENSION),
    (Turn.REWORK, lambda acts: A.CHECK_BAD in acts[-2:]),
    (Turn.WANDERS, lambda acts: acts.count(A.GRANT) == 3 and acts[-1] is A.GRANT),
    (Turn.SUSPENDED, lambda acts: acts[-1] is A.GRANT),
    (Turn.SUSPENDED, lambda acts: acts[-1] is A.ASK_SUSPENSION),
    (Turn.RETURNED, lambda acts: acts[-1] is A.ASK_RETURN),
    (Turn.STRAIGHT, lambda acts: acts[-1] is A.REPORT_BACK),
)
"""What is to be seen, in this order as far as open matters go round."""
BY_HAND = (timedelta(minutes=140), timedelta(minutes=2))
"""How long ago somebody reported a matter to the desk: one is at work, one is new."""
TRIES = tuple(n / 40 for n in range(10, 40))
"""How far a case may have come, as a share of its time."""


class FirstSight:
    """Takes the matters it leads out of the history while it is loaded, and lives them through."""

    def __init__(self, catalogue: Catalogue, now: datetime) -> None:
        self.catalogue, self.now = catalogue, now
        self.closed: dict[str, datetime | None] = {}

    def begun(self, history: Iterable[Told]) -> Iterator[Told]:
        """Yield the history; what is led here only as it was reported."""
        for source, request, steps in history:
            no = self._ours(source, request)
            if no is None:
                yield source, request, steps
                continue
            self.closed[no] = steps[-1][1] if request.status == "closed" else None
            first = replace(
                request, status="open", status_notes=STATE_WORDS[CaseState.OPENED],
                updated_at=request.requested_at, call_back="",
            )  # fmt: skip
            yield source, first, steps[:1]

    def live(self, conn: Connection) -> int:
        """Do all that was due until now, and raise the cards that follow; return the acts."""
        house = House.of(conn, self.catalogue)
        if house is None:
            return 0
        by_hand = [enter(conn, house, self.now - ago, publish=False) for ago in BY_HAND]
        self.closed |= {no: None for no in by_hand if no}
        mine = [one.row for one in theirs(conn) if one.row.case_no in self.closed]
        matters = {row.case_no: matter for row in mine if (matter := house.matter(row))}
        house.told = self._courses(matters)
        write_told(conn, {no: kept for no, kept in house.told.items() if kept[1] > self.now})
        done = 0
        for row in mine:
            for step in house.plan(row):
                if step.at <= self.now and step.act is not A.REPORT:
                    done += do(conn, house, row, step, step.at)
        look(conn, self.catalogue, house.keys, self.now)
        return done

    def _ours(self, source: str, request: ServiceRequest) -> str | None:
        """Return the number of a case that is led here, None for the others."""
        if request.requested_at < self.now - WEEKS:
            return None
        code = self.catalogue.sources[source].categories.get(request.service_code)
        category = self.catalogue.categories.get(code or "")
        if category is None or not category.matter or category.department not in HANDLERS:
            return None
        no = case_number(source, request.request_id)
        if not may_lead(no, int(request.priority or 0)):
            return None
        past = request.status == "closed"
        return None if past and share(0, "past", no) >= PAST else no

    def _courses(self, matters: dict[str, Matter]) -> dict[str, tuple[Turn, datetime]]:
        """Return turn and end of every case: the past as told, the open ones to be looked at."""
        found = {
            no: (turn_of(no), closed)
            for no, closed in self.closed.items()
            if no in matters and closed is not None
        }
        found |= {no: self._somewhere(x) for no, x in matters.items() if x.by_hand}
        waiting = [x for no, x in matters.items() if no not in found]
        for turn, wanted in SHOWN:
            for matter in (x for x in waiting if x.due_at > self.now):
                end = self._shown(matter, turn, wanted)
                if end is not None:
                    found[matter.no] = (turn, end)
                    waiting.remove(matter)
                    break
        return found | {matter.no: self._somewhere(matter) for matter in waiting}

    def _shown(
        self, matter: Matter, turn: Turn, wanted: Callable[[list[CaseAct]], bool]
    ) -> datetime | None:
        """Return an end with which the case stands as wanted now, None if there is none."""
        for part in TRIES:
            end = matter.reported_at + (self.now - matter.reported_at) / part
            acts = self._so_far(plan(matter, turn=turn, end=end))
            if acts and end > self.now and wanted(acts):
                return end
        return None

    def _so_far(self, course: Plan) -> list[CaseAct]:
        return [step.act for step in course if step.at <= self.now and step.act in MOVING]

    def _somewhere(self, matter: Matter) -> tuple[Turn, datetime]:
        """Return its own course, drawn out if that would be over."""
        turn, end = turn_of(matter.no), ends_at(matter)
        if end <= self.now:
            part = 0.5 + 0.45 * share(0, "far", matter.no)
            end = matter.reported_at + (self.now - matter.reported_at) / part
        return turn, end
