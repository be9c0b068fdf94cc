"""Give the demo city a living review: promises of the past weeks, remarks, frozen weeks.

All of it goes through the same commands that people use, at the hours when its meetings were.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Connection, select

from data import models as m
from data.catalogue import Catalogue
from data.commands.review import (
    Actor,
    Asked,
    Done,
    Said,
    Wanted,
    act_on_promise,
    freeze,
    make_promise,
    remark,
)
from data.commands.review.freezing import Build
from data.commands.review.rights import BY_CLOCK
from data.ingest.bulk import begin_run
from data.ingest.observations import check, store_observations
from data.queries.keys import Keys
from data.review.week_text import this_monday, written
from data.vocabulary import LOCAL, Grain, Observed, Role

IN_MEETING = timedelta(minutes=70)
FROZEN_WEEKS = 2
LATE, LATE_COUNTY, LATE_RECORDS, LATE_MINUTES = "HE-22", 2, 14, 24.0
"""Ambulances of a county that was cut off: hours that were told after the week was frozen."""


@dataclass(frozen=True)
class Story:
    """A promise and what became of it. ago, due: weeks before and after the newest whole one.

    acts: (weeks ago, act, words); a department's own words are said by its handler.
    """

    ago: int
    due: int
    code: str
    expected: str
    department: str
    owner: str
    text: str
    acts: tuple[tuple[int, str, str], ...] = ()
    county: int | None = None


STORIES = (
    Story(10, 0, "GS-07", "higher", "dsb", "叶国平",
          "增开两个夜间派单席位，工单当日派出，按时办结率稳定在99%以上",
          ((7, "carried", "席位已到岗一个，第二个下周到岗"),
           (0, "kept", "两个席位均已到岗，派单不过夜"))),
    Story(9, -2, "TR-01", "higher", "transport", "欧阳敏",
          "早晚高峰增派机动车12辆，公交准点率月内达到93%",
          ((7, "note", "机动车到位7辆，驾驶员不足"),
           (1, "broken", "机动车只到位7辆，准点率未见变化，另行研究"))),
    Story(6, 2, "HE-22", "lower", "health", "邓丽华",
          "紫金、龙川各前移一个急救站点，急救平均反应时间降到12分钟以内",
          ((3, "carried", "紫金站点已启用，龙川站点选址未定"),)),
    Story(4, -1, "PS-24", "higher", "politics_law", "林志远",
          "逾期矛盾纠纷由县领导包案，两周内按期化解率达到98%",
          ((2, "note", "包案清单已下发，共46件"),), county=1),
    Story(1, 3, "GS-32", "higher", "reform", "潘伟",
          "并联审批超时事项提级督办，按期办结率四周内达到97%"),
)  # fmt: skip
REMARKS = (
    ("GS-07", 9, "热线平台升级，停机约4小时，当日工单顺延派出（演示）"),
    ("TR-01", None, "新增的两条接驳线路尚无完整时刻表，准点率暂不含这两条（演示）"),
)
"""Indicator, days ago of the chart's mark, words."""


def hold_meetings(
    conn: Connection, catalogue: Catalogue, keys: Keys, *, now: datetime
) -> tuple[int, int]:
    """Make the promises of past meetings and some remarks; return how many of each.

    What another catalogue does not have is left out.
    """
    leader = _person(conn, "leader", "陈立国", Role.LEADER)
    made = [_tell(conn, catalogue, keys, story, leader, now) for story in STORIES]
    made.append(_of_case(conn, catalogue, keys, leader, now))
    operator = _person(conn, "operator-city", "王敏", Role.OPERATOR)
    said = 0
    for code, days, text in REMARKS:
        day = now.astimezone(LOCAL).date() - timedelta(days=days) if days else None
        told = Said(code, catalogue.city.code, text, day.isoformat() if day else "")
        at = now - timedelta(days=(days or 4) - 1)
        said += isinstance(remark(conn, catalogue, keys, told, operator, at), Done)
    return sum(number is not None for number in made), said


def _person(conn: Connection, name: str, display: str, role: Role) -> Actor:
    """Return a ready account as who acts, a name where there is none."""
    a = m.account.c
    row = conn.execute(select(a.id, a.display).where(a.name == name)).first()
    return Actor(row.id if row else None, row.display if row else display, role)


def _tell(
    conn: Connection, catalogue: Catalogue, keys: Keys, story: Story, leader: Actor, now: datetime
) -> int | None:
    counties = catalogue.counties()
    county = counties[story.county % len(counties)].code if story.county is not None else ""
    newest = this_monday(now) - timedelta(weeks=1)
    week = newest - timedelta(weeks=story.ago)
    wanted = Wanted(
        written(week), catalogue.city.code, story.text, story.department, story.owner,
        written(newest + timedelta(weeks=story.due)), story.code, county, story.expected,
    )  # fmt: skip
    at = catalogue.review.meeting(week) + IN_MEETING
    done = make_promise(conn, catalogue, keys, wanted, leader, at)
    if not isinstance(done, Done):
        return None
    for ago, act, words in story.acts:
        then = newest - timedelta(weeks=ago)
        asked = Asked(act, written(then), words)
        when = min(catalogue.review.meeting(then) + IN_MEETING, now)
        act_on_promise(conn, catalogue, keys, done.id, asked, leader, when)
    return done.id


def _of_case(
    conn: Connection, catalogue: Catalogue, keys: Keys, leader: Actor, now: datetime
) -> int | None:
    """Promise, in the review that is prepared, to end the open matter that was due first."""
    c = m.cases.c
    waiting = select(c.case_no, c.department_id).where(
        c.closed_at.is_(None), c.matter, c.due_at.is_not(None), c.reported_at <= now
    )
    row = conn.execute(waiting.order_by(c.due_at, c.id).limit(1)).first()
    if row is None:
        return None
    department = next(k for k, i in keys.departments.items() if i == row.department_id)
    running = this_monday(now)
    wanted = Wanted(
        written(running - timedelta(weeks=1)), catalogue.city.code,
        "由分管负责同志包案，限期办结并书面说明超期原因", department, "责任单位分管负责人",
        written(running + timedelta(weeks=1)),
        case_no=row.case_no,
    )  # fmt: skip
    done = make_promise(conn, catalogue, keys, wanted, leader, now)
    return done.id if isinstance(done, Done) else None


def freeze_past(
    conn: Connection, catalogue: Catalogue, keys: Keys, build: Build, *, now: datetime
) -> int:
    """Freeze the weeks before the newest whole one as they are counted now; return how many.

    They say that they were frozen now: nobody saw them earlier.
    """
    newest, city = this_monday(now) - timedelta(weeks=1), catalogue.city.code
    done = 0
    for ago in range(FROZEN_WEEKS, 0, -1):
        week = written(newest - timedelta(weeks=ago))
        review = build(conn, catalogue, keys, week, city, now)
        done += isinstance(freeze(conn, catalogue, keys, week, city, review, BY_CLOCK, now), Done)
    return done


def come_late(conn: Connection, catalogue: Catalogue, keys: Keys, *, now: datetime) -> int:
    """Let a county's records of a frozen week come in after all; return how many."""
    if LATE not in catalogue.indicators:
        return 0
    indicator, counties = catalogue.indicators[LATE], catalogue.counties()
    county = counties[LATE_COUNTY % len(counties)].code
    week = this_monday(now) - timedelta(weeks=2)
    hours = [_hour(week + timedelta(days=d), h) for d in range(7) for h in range(24)]
    told = _told(conn, keys, county, hours)
    rows = [
        Observed(LATE, county, Grain.HOUR, at, 3.0 * LATE_MINUTES, 3.0)
        for at in hours
        if at not in told
    ][:LATE_RECORDS]
    good, _ = check(rows, catalogue, keys, now=now)
    note = {"synthetic": True, "late": LATE, "week": written(week)}
    run = begin_run(conn, keys, indicator.source, note, now=now)
    source = keys.sources[indicator.source]
    store_observations(conn, good, source_id=source, run_id=run, as_of=now, now=now)
    return len(good)


def _told(conn: Connection, keys: Keys, county: str, hours: list[datetime]) -> set[datetime]:
    o = m.observation.c
    query = select(o.period_start).where(
        o.indicator_id == keys.indicators[LATE],
        o.area_id == keys.areas[county],
        o.grain == int(Grain.HOUR),
        o.period_start >= hours[0],
        o.period_start <= hours[-1],
    )
    return set(conn.scalars(query))


def _hour(day: date, hour: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=LOCAL).astimezone(UTC)
