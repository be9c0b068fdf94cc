"""Writes buses, arrivals and notices as GTFS-Realtime."""

from __future__ import annotations

from functools import lru_cache

from google.transit import gtfs_realtime_pb2 as rt

from data.simulate.buses import Buses, buses, notices, places
from data.simulate.network import Line, lines, stops, trips
from data.simulate.randomness import share
from data.simulate.rhythm import local, midnight
from data.simulate.scenario import Story

_OCCUPANCY = (
    (0.30, rt.VehiclePosition.MANY_SEATS_AVAILABLE),
    (0.72, rt.VehiclePosition.FEW_SEATS_AVAILABLE),
    (0.90, rt.VehiclePosition.STANDING_ROOM_ONLY),
    (0.97, rt.VehiclePosition.CRUSHED_STANDING_ROOM_ONLY),
    (1.01, rt.VehiclePosition.FULL),
)
_EFFECTS = {
    "DETOUR": ("绕行", "Detour"),
    "STOP_MOVED": ("站点迁移", "Stop moved"),
    "MODIFIED_SERVICE": ("班次调整", "Modified service"),
    "SIGNIFICANT_DELAYS": ("严重晚点", "Significant delays"),
    "NO_SERVICE": ("停运", "No service"),
}
_STOPS_AHEAD = 8
_NO_SPEED, _NO_OCCUPANCY, _OLD_POSITION = 0.08, 0.12, 0.045


def _message(stamp: float) -> rt.FeedMessage:
    message = rt.FeedMessage()
    message.header.gtfs_realtime_version = "2.0"
    message.header.incrementality = rt.FeedHeader.FULL_DATASET
    message.header.timestamp = int(stamp)
    return message


def vehicle_positions(seed: int, now: float, story: Story) -> bytes:
    """Return where every bus on a trip is."""
    message, found = _message(now), buses(seed, now, story)
    lon, lat, _ = places(seed, found)
    crowd = _crowding(now)
    for place in range(len(found.trip)):
        if found.cancelled[place]:
            continue
        entity = _entity(message, seed, found, place)
        vehicle, whims = entity.vehicle, found.whim[place]
        _trip(vehicle.trip, seed, found, place)
        vehicle.vehicle.id = vehicle.vehicle.label = trips(seed).vehicle[found.trip[place]]
        vehicle.position.latitude, vehicle.position.longitude = lat[place], lon[place]
        stand = share(seed, "speed", int(found.trip[place]), int(now) // 30)
        if whims[0] >= _NO_SPEED:
            slow = 1 - 0.35 * max(
                (r.intensity(now) for r in story if r.scenario.late_buses), default=0
            )
            vehicle.position.speed = round(max(0.0, 15.5 * stand - 1.0) * slow * crowd[1], 1)
        age = 60 + 240 * stand if whims[1] < _OLD_POSITION else 40 * stand
        vehicle.timestamp = int(now - age)
        if (whims[0] * 7) % 1 >= _NO_OCCUPANCY:
            full = (whims[1] * 13) % 1 * crowd[0]
            vehicle.occupancy_status = next(o for bound, o in _OCCUPANCY if full < bound)
    return bytes(message.SerializeToString(deterministic=True))


def _crowding(now: float) -> tuple[float, float]:
    """Return (how full, how fast) against the ordinary, by local hour."""
    hour = local(now).hour
    if hour in (7, 8, 17, 18):
        return 0.94, 0.86
    return (0.62, 1.15) if hour >= 21 or hour < 6 else (0.8, 1.0)


def trip_updates(seed: int, now: float, story: Story) -> bytes:
    """Return how late every trip is. Now and then nothing is new for some minutes."""
    now = _stuck(seed, int(now) // 10 * 10)
    message, found = _message(now), buses(seed, now, story)
    _, _, following = places(seed, found)
    for place in range(len(found.trip)):
        update = _entity(message, seed, found, place).trip_update
        _trip(update.trip, seed, found, place)
        update.timestamp = int(now)
        if found.cancelled[place]:
            update.trip.schedule_relationship = rt.TripDescriptor.CANCELED
            continue
        update.vehicle.id = trips(seed).vehicle[found.trip[place]]
        _arrivals(update, seed, found, place, int(following[place]))
    return bytes(message.SerializeToString(deterministic=True))


def _stuck(seed: int, now: int) -> int:
    """Return the instant of the newest payload: one in twelve is sent again for two minutes."""
    start = now // 120 * 120
    return start if share(seed, "stuck", start) < 1 / 12 else now


def _arrivals(update: rt.TripUpdate, seed: int, found: Buses, place: int, first: int) -> None:
    plan, trip = trips(seed), found.trip[place]
    line = lines(seed)[plan.line[trip]]
    path = _path(line, bool(plan.back[trip]))
    begin = midnight(int(found.day[place])) + int(plan.start[trip])
    delay, fate = int(found.delay[place]), float(found.fate[place])
    for number in range(first, min(first + _STOPS_AHEAD, len(path))):
        stop = update.stop_time_update.add()
        stop.stop_sequence, stop.stop_id = number + 1, stops(seed).ids[path[number]]
        if found.unknown[place]:
            stop.schedule_relationship = rt.TripUpdate.StopTimeUpdate.NO_DATA
        elif fate > 0.97 and number == first + 2:
            stop.schedule_relationship = rt.TripUpdate.StopTimeUpdate.SKIPPED
        else:
            stop.arrival.delay = delay
            stop.arrival.time = begin + number * line.hop_s + delay
    if not found.unknown[place]:
        update.delay = delay


@lru_cache(maxsize=128)
def _path(line: Line, back: bool) -> tuple[int, ...]:
    return line.stops[::-1] if back else line.stops


def service_alerts(seed: int, now: float, story: Story) -> bytes:
    """Return the notices that are posted."""
    now = int(now) // 60 * 60
    message = _message(now)
    for notice in notices(seed, now, story):
        alert = message.entity.add(id=notice.key).alert
        alert.active_period.add(start=notice.start, end=notice.end)
        alert.cause = getattr(rt.Alert, notice.cause)
        alert.effect = getattr(rt.Alert, notice.effect)
        names = "、".join(lines(seed)[n].short_name for n in notice.lines)
        for number in notice.lines:
            alert.informed_entity.add(route_id=lines(seed)[number].route_id)
        for number in notice.stops:
            alert.informed_entity.add(stop_id=stops(seed).ids[number])
        zh, en = _EFFECTS[notice.effect]
        why = ("因暴雨", "weather") if notice.cause == "WEATHER" else ("因道路施工", "road works")
        _translate(alert.header_text, f"{names}{zh}", f"{en}: {names}")
        _translate(
            alert.description_text, f"{names}{why[0]}{zh}（演示数据）", f"{en} by {why[1]} (demo)"
        )
    return bytes(message.SerializeToString(deterministic=True))


def _translate(text: rt.TranslatedString, zh: str, en: str) -> None:
    text.translation.add(text=zh, language="zh")
    text.translation.add(text=en, language="en")


def _entity(message: rt.FeedMessage, seed: int, found: Buses, place: int) -> rt.FeedEntity:
    trip = trips(seed).ids[found.trip[place]]
    return message.entity.add(id=f"{trip}@{found.day[place]}")


def _trip(told: rt.TripDescriptor, seed: int, found: Buses, place: int) -> None:
    plan, trip = trips(seed), found.trip[place]
    told.trip_id = plan.ids[trip]
    told.route_id = lines(seed)[plan.line[trip]].route_id
    told.direction_id = int(plan.back[trip])
    told.start_date = f"{local(midnight(int(found.day[place]))):%Y%m%d}"
