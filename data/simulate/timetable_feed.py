"""Writes the bus network as a GTFS zip."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache

from data.simulate.network import DAILY, WORKDAY, lines, stops, trips
from data.simulate.rhythm import DayKind, day_kind, local

_AGENCY = "heyuan-bus"
_BACK_DAYS, _AHEAD_DAYS = 31, 215


def static_zip(seed: int, now: float) -> bytes:
    """Return the timetable as it is published for the month of `now`."""
    day = local(now).date()
    return _zip(seed, day.replace(day=1))


@lru_cache(maxsize=3)
def _zip(seed: int, month: date) -> bytes:
    first, last = month - timedelta(_BACK_DAYS), month + timedelta(_AHEAD_DAYS)
    files = {
        "agency.txt": _agency(),
        "feed_info.txt": _feed_info(first, last, month),
        "calendar.txt": _calendar(first, last),
        "calendar_dates.txt": _calendar_dates(first, last),
        "routes.txt": _routes(seed),
        "stops.txt": _stops(seed),
        "trips.txt": _trips(seed),
        "stop_times.txt": _stop_times(seed),
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, rows in files.items():
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, "\r\n".join(rows) + "\r\n", compresslevel=6)
    return packed.getvalue()


def _agency() -> list[str]:
    return [
        "agency_id,agency_name,agency_url,agency_timezone,agency_lang",
        f"{_AGENCY},河源公交（演示数据）,https://bus.heyuan.example,Asia/Shanghai,zh",
    ]


def _feed_info(first: date, last: date, month: date) -> list[str]:
    return [
        "feed_publisher_name,feed_publisher_url,feed_lang,feed_start_date,feed_end_date,feed_version",
        f"河源公交（演示数据）,https://bus.heyuan.example,zh,{first:%Y%m%d},{last:%Y%m%d},{month:%Y%m}",
    ]


def _calendar(first: date, last: date) -> list[str]:
    span = f"{first:%Y%m%d},{last:%Y%m%d}"
    return [
        "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date",
        f"{DAILY},1,1,1,1,1,1,1,{span}",
        f"{WORKDAY},1,1,1,1,1,0,0,{span}",
    ]


def _calendar_dates(first: date, last: date) -> list[str]:
    rows = ["service_id,date,exception_type"]
    for number in range((last - first).days + 1):
        day = first + timedelta(number)
        runs = _workday(day)
        if runs != (day.weekday() < 5):
            rows.append(f"{WORKDAY},{day:%Y%m%d},{1 if runs else 2}")
    return rows


def _workday(day: date) -> bool:
    return day_kind(day.toordinal()) is DayKind.WORK

    return day_kind(day.toordinal()) is DayKind.WORK


def _routes(seed: int) -> Iterable[str]:
    yield "route_id,agency_id,route_short_name,route_long_name,route_type"
    for line in lines(seed):
        yield f"{line.route_id},{_AGENCY},{line.short_name},{line.long_name},3"


def _stops(seed: int) -> Iterable[str]:
    yield "stop_id,stop_name,stop_lat,stop_lon"
    found = stops(seed)
    for key, name, lat, lon in zip(found.ids, found.names, found.lat, found.lon, strict=True):
        yield f"{key},{name},{lat:.5f},{lon:.5f}"


def _trips(seed: int) -> Iterable[str]:
    yield "route_id,service_id,trip_id,trip_headsign,direction_id"
    plan, names = trips(seed), stops(seed).names
    for trip, number, back, service in zip(
        plan.ids, plan.line.tolist(), plan.back.tolist(), plan.service.tolist(), strict=True
    ):
        line = lines(seed)[number]
        towards = names[line.stops[0 if back else -1]]
        yield f"{line.route_id},{(DAILY, WORKDAY)[service]},{trip},{towards},{back}"


def _stop_times(seed: int) -> Iterable[str]:
    yield "trip_id,arrival_time,departure_time,stop_id,stop_sequence"
    plan, ids = trips(seed), stops(seed).ids
    for trip, number, back, start in zip(
        plan.ids, plan.line.tolist(), plan.back.tolist(), plan.start.tolist(), strict=True
    ):
        line = lines(seed)[number]
        path = line.stops[::-1] if back else line.stops
        for place, stop in enumerate(path):
            time = _clock(start + place * line.hop_s)
            yield f"{trip},{time},{time},{ids[stop]},{place + 1}"


@lru_cache(maxsize=131072)
def _clock(second: int) -> str:
    return f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"
