"""What people report to the desk themselves: a few matters a day, from calls, patrols, leaders."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, select

from data import models as m
from data.catalogue import Catalogue
from data.commands.cases import Done, Draft, report
from data.simulate.officers_crew import ORIGIN, House
from data.simulate.officers_plan import OPERATOR
from data.simulate.randomness import share
from data.simulate.rhythm import DAY_S, midnight, ordinal_of
from data.simulate.wording import title

A_DAY = 6
MISSED = timedelta(minutes=10)
"""What was to be reported longer ago, in a pause, was not."""
CATEGORIES = ("road_blocked", "public_order_risk", "utility_outage", "school_bus", "work_accident")
CHANNELS = ("phone", "patrol", "leader")
ACT = "case.report"
_FROM_S, _SPAN_S = 7 * 3600, 15 * 3600
"""Of the local day: from seven, for fifteen hours."""


def moments(now: datetime) -> list[datetime]:
    """Return when something is reported on the local day of `now`: once in each part of it."""
    day = ordinal_of(now)
    first, length = midnight(day) + _FROM_S, _SPAN_S / A_DAY
    return [
        datetime.fromtimestamp(int(first + length * (n + share(0, "hand", day, n))), UTC)
        for n in range(A_DAY)
    ]


def draft(catalogue: Catalogue, at: datetime) -> Draft:
    """Return what is reported at an instant, the same every time."""
    key = int(at.timestamp())
    towns = [a for a in catalogue.areas.values() if a.level == 3]
    town = towns[int(share(0, "town", key) * len(towns))]
    category = CATEGORIES[int(share(0, "what", key) * len(CATEGORIES))]
    channel = CHANNELS[int(share(0, "how", key) * len(CHANNELS))]
    text = title(category, key % DAY_S, town.short["zh"])
    return Draft(category, text, area=town.code, lon=town.lon, lat=town.lat, channel=channel)


def is_due(conn: Connection, now: datetime) -> datetime | None:
    """Return the moment of what is to be reported now, None if nothing is or it was."""
    at = next((x for x in moments(now) if x <= now < x + MISSED), None)
    if at is None:
        return None
    u = m.audit.c
    made = select(u.id).where(u.at >= at, u.act == ACT, u.origin == ORIGIN).limit(1)
    return None if conn.execute(made).first() else at


def enter(conn: Connection, house: House, at: datetime, *, publish: bool = True) -> str | None:
    """Report a matter at an instant; return its number, None if it was refused."""
    wanted = draft(house.catalogue, at)
    county = house.catalogue.areas[wanted.area or ""].parent or ""
    actor = house.crew.who(OPERATOR, str(int(at.timestamp())), county)
    done = report(
        conn, house.catalogue, house.keys, wanted, actor, at, publish=publish, origin=ORIGIN
    )
    return done.case_no if isinstance(done, Done) else None
