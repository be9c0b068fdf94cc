"""The alarm performance page: the log of a period, counted."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from dash.development.base_component import Component
from sqlalchemy.exc import SQLAlchemyError

from callbacks.pages import Asked
from components.alarm_ids import SPANS, Period, period_of
from components.alarm_page import Place
from components.alarm_performance import PerformanceShown, performance_page
from components.person import Signed
from data.alarms.performance import performance
from data.catalogue import Catalogue
from data.logs import logger
from data.panels.board import is_demo
from data.queries.alarms.log import alarm_log
from data.queries.alarms.spoken import spoken_with
from data.queries.scope import Scope
from data.store import Store, utc_now
from data.vocabulary import LOCAL

log = logger("alerts")
LONGEST = timedelta(days=366)


def shown(
    store: Store,
    catalogue: Catalogue,
    place: Place,
    signed: Signed | None,
    scope: Scope,
    asked: Asked,
) -> Component:
    """Return the page of the period that an address asks for."""
    now, period = utc_now(), period_of(asked)
    start, end, wrong = stretch(period, now)
    found = None
    try:
        with store.read() as conn:
            house = spoken_with(conn, catalogue, now)
            within = {code: rule.within * 60.0 for code, rule in house.rules.items()}
            counted = performance(
                alarm_log(
                    conn, house.keys, start, end, left_out=house.not_for_people, within=within,
                    areas=scope.areas,
                )
            )  # fmt: skip
            found = PerformanceShown(
                counted,
                rules={code: rule.name for code, rule in house.rules.items()},
                areas={code: area.short for code, area in catalogue.areas.items()},
                city=catalogue.city.code,
                demo=is_demo(conn),
                wrong=wrong,
            )
    except SQLAlchemyError:
        log.exception("the alarm log cannot be asked")
    return performance_page(found, period, place, signed, now=now.timestamp())


def stretch(period: Period, now: datetime) -> tuple[datetime, datetime, bool]:
    """Return begin and end of a period, and whether what was asked could not be understood.

    Two dates mean their days, both whole; one end means the span before it. Never after now.
    """
    if period.start:
        days = _days(period)
        if days is not None and days[0] < min(days[1], now):
            return days[0], min(days[1], now), False
        return now - timedelta(seconds=SPANS["week"]), now, True
    end = _instant(period.end) if period.end else now
    wrong = end is None or end > now
    until = now if end is None or end > now else end
    return until - timedelta(seconds=SPANS[period.span]), until, wrong


def _days(period: Period) -> tuple[datetime, datetime] | None:
    try:
        first, last = date.fromisoformat(period.start), date.fromisoformat(period.end[:10])
    except ValueError:
        return None
    if not date(2000, 1, 1) <= first <= last <= date(2200, 1, 1) or last - first > LONGEST:
        return None
    begin = datetime.combine(first, time(), LOCAL)
    return begin, datetime.combine(last + timedelta(days=1), time(), LOCAL)


def _instant(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    if not 2000 <= found.year <= 2200:
        return None
    return found.replace(tzinfo=LOCAL) if found.tzinfo is None else found
