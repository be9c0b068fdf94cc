"""Small words for the tests of a review: who is in the meeting, and what they add."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from data import models as m
from data.catalogue import catalogue
from data.commands.review import (
    Actor,
    Asked,
    Conflict,
    Done,
    Refusal,
    Said,
    Wanted,
    Wording,
    act_on_promise,
    edit_message,
    freeze,
    make_promise,
    remark,
    withdraw_remark,
)
from data.queries.keys import read_keys
from data.queries.review.meeting import minutes, remarks
from data.store import Store
from data.vocabulary import Role
from data.vocabulary.meeting import Minutes
from data.vocabulary.review import Review
from tests.conftest import NOW
from tests.reviews import CITY, WEEK
from tests.reviews import review as made_review

LEADER = Actor(1, "陈立国", Role.LEADER)
OTHER = Actor(2, "郑凯", Role.LEADER)
COUNTY = Actor(3, "紫金领导", Role.LEADER, None, "441621")
OPERATOR = Actor(4, "王敏", Role.OPERATOR)
SECOND = Actor(5, "张伟强", Role.OPERATOR)
DSB = Actor(6, "叶国平", Role.DEPARTMENT, "dsb")
WATER = Actor(7, "赖晓燕", Role.DEPARTMENT, "water")
VIEWER = Actor(8, "朱文", Role.VIEWER)
ZIJIN = "441621"
ON_TIME, WAITING, FEVER = "GS-07", "GS-41", "HE-23"
"""A share, a gauge without a target, a small count."""


def weekly(store: Store, code: str, values: dict[str, tuple[float, float | None]],
           area: str = CITY) -> None:  # fmt: skip
    """Write the weeks of an indicator as they were rolled up, by their Mondays."""
    with store.write() as conn:
        keys = read_keys(conn)
        rows = [
            {
                "indicator_id": keys.indicators[code], "area_id": keys.areas[area],
                "bucket": date.fromisoformat(day), "num": num, "den": den, "n": 7, "vmin": None,
                "vmax": None, "last": num, "flag": 0, "native": 0,
            }
            for day, (num, den) in values.items()
        ]  # fmt: skip
        conn.execute(m.rollup_week.insert(), rows)


def mondays(count: int, last: str = "2026-11-09") -> list[str]:
    """Return the last so many Mondays."""
    end = date.fromisoformat(last)
    return [(end - timedelta(weeks=n)).isoformat() for n in reversed(range(count))]


class Room:
    """A meeting about W46, two days after it ended."""

    def __init__(self, store: Store, now: datetime = NOW) -> None:
        self.store, self.now = store, now
        weekly(store, ON_TIME, {"2026-11-09": (81.0, 100.0)})

    def promises(self, actor: Actor = LEADER, now: datetime | None = None,
                 **fields: Any) -> Done | Refusal:  # fmt: skip
        """Make a promise; fields of Wanted stand over a good one."""
        good = {
            "week": WEEK, "area": CITY, "text": "两周内把按时率提到85%以上", "department": "dsb",
            "owner": "叶国平", "due": "2026-W49", "code": ON_TIME, "expected": "higher",
        }  # fmt: skip
        wanted = Wanted(**(good | fields))
        with self.store.write() as conn:
            at = now or self.now
            return make_promise(conn, catalogue(), read_keys(conn), wanted, actor, at)

    def made(self, **fields: Any) -> int:
        """Make a promise that must be one; return its number."""
        done = self.promises(**fields)
        assert isinstance(done, Done), done
        return done.id

    def acts(self, number: int, act: str, actor: Actor = LEADER, *, now: datetime | None = None,
             **more: Any) -> Done | Refusal | Conflict:  # fmt: skip
        """Do something about a promise in the meeting about W46."""
        asked = Asked(act, **({"week": WEEK, "note": "会议决定"} | more))
        with self.store.write() as conn:
            keys, at = read_keys(conn), now or self.now
            return act_on_promise(conn, catalogue(), keys, number, asked, actor, at)

    def edits(self, text: str | None, actor: Actor = OPERATOR, *, now: datetime | None = None,
              **more: Any) -> Done | Refusal:  # fmt: skip
        """Word a message anew."""
        told = {"week": WEEK, "area": CITY, "key": "signal:GS-07", "lang": "zh"} | more
        wording = Wording(**told, text=text)
        with self.store.write() as conn:
            at = now or self.now
            return edit_message(conn, catalogue(), read_keys(conn), wording, actor, at)

    def freezes(self, review: Review | None, actor: Actor = LEADER, *, week: str = WEEK,
                area: str = CITY, now: datetime | None = None) -> Done | Refusal:  # fmt: skip
        """Freeze a week."""
        with self.store.write() as conn:
            keys, at = read_keys(conn), now or self.now
            return freeze(conn, catalogue(), keys, week, area, review, actor, at)

    def says(self, text: str, actor: Actor = OPERATOR, **more: Any) -> Done | Refusal:
        """Say something about an indicator."""
        said = Said(**({"code": ON_TIME, "area": CITY} | more), text=text)
        with self.store.write() as conn:
            return remark(conn, catalogue(), read_keys(conn), said, actor, self.now)

    def takes_back(self, number: int, actor: Actor) -> Done | Refusal:
        """Withdraw a remark."""
        with self.store.write() as conn:
            return withdraw_remark(conn, catalogue(), read_keys(conn), number, actor, self.now)

    def minutes(self, week: str = WEEK, review: Review | None = None, *, area: str = CITY,
                now: datetime | None = None) -> Minutes:  # fmt: skip
        """Return the minutes of a week."""
        told = review or made_review(week=week, area=area)
        with self.store.read() as conn:
            keys = read_keys(conn)
            return minutes(conn, catalogue(), keys, week, area, now or self.now, told)

    def remarks(self, area: str = CITY) -> list[Any]:
        """Return what was said."""
        with self.store.read() as conn:
            return remarks(conn, read_keys(conn), ON_TIME, area)
