"""The made-up officers at work: they act on the demo city's matters exactly as people do.

What they do is in `officers_plan`; here it is done when it is due, through the same acts as the
desk's. They live in a demonstration only and never fight with a person: a case on which anybody
else has acted is left alone, and an act that is refused is left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row
from sqlalchemy.exc import SQLAlchemyError

from data.catalogue import Catalogue
from data.commands.alarms import tick
from data.logs import logger
from data.simulate import officers_alarms
from data.simulate.officers_crew import House, Open, do, theirs
from data.simulate.officers_hand import enter, is_due
from data.simulate.officers_plan import Step
from data.store import Store

log = logger("officers")

EVERY_S = 5.0
FEW = 2
"""Acts a tick. After a pause the rest waits for the next ones."""
LONG_AGO = timedelta(minutes=10)
"""What was due longer ago was missed in a pause: it counts from when it was due."""


class Officers:
    """Looks every few seconds at what is due and does a little of it."""

    def __init__(self, store: Store, catalogue: Catalogue) -> None:
        self.store, self.catalogue = store, catalogue
        self._left_out: Counter[str] = Counter()
        self._refused: set[tuple[int, int]] = set()

    def work(self, now: datetime) -> None:
        """Do what is due; a fault of theirs must not stop who lets them work."""
        try:
            self.tick(now)
        except SQLAlchemyError:
            raise
        except Exception:
            log.exception("officers rest")

    def tick(self, now: datetime, *, most: int = FEW) -> int:
        """Do the acts that are due longest, at most so many; return how many were done."""
        with self.store.read() as conn:
            house = House.of(conn, self.catalogue)
            if house is None:
                return 0
            report = is_due(conn, now)
            waiting = [(step, one.row) for one in theirs(conn) for step in self._next(house, one)]
            alarms = [x for x in officers_alarms.due(conn, now) if x.seen not in self._refused]
        due = sorted((w for w in waiting if w[0].at <= now), key=lambda w: w[0].at)
        done = sum(self._do(house, row, step, now) for step, row in due[:most])
        done += self._report(house, now) if report and done < most else 0
        return done + sum(self._answer(house, one, now) for one in alarms[: most - done])

    def _answer(self, house: House, one: officers_alarms.Due, now: datetime) -> bool:
        with self.store.write() as conn:
            done = officers_alarms.do(conn, house, one, now)
        if not done:
            self._refused.add(one.seen)
        return done

    def _report(self, house: House, now: datetime) -> bool:
        with self.store.write() as conn:
            return enter(conn, house, now) is not None

    def _next(self, house: House, one: Open) -> Iterable[Step]:
        place = one.done + self._left_out[one.row.case_no]
        return house.plan(one.row)[place : place + 1]

    def _do(self, house: House, row: Row[Any], step: Step, now: datetime) -> bool:
        at = now if now - step.at <= LONG_AGO else max(step.at, row.updated_at)
        with self.store.write() as conn:
            done = do(conn, house, row, step, at)
            if done:
                tick.publish_moved(
                    conn, house.catalogue, house.keys, [row.case_no], {row.county_id}, now,
                    matter=True, look=False,
                )  # fmt: skip
        if not done:
            self._left_out[row.case_no] += 1
        return done
