"""Rows a second through each connector: parse, check, store, roll up; without the panels."""

from __future__ import annotations

import io
import re
import time
import zipfile
from collections.abc import Callable
from datetime import timedelta

from data.catalogue import catalogue
from data.connectors.connector import Options
from data.ingest.run import Outcome, ingest
from data.simulate.feeds import feed
from data.simulate.scenario import begin
from data.simulate.scenarios import SCENARIOS
from data.store import Store, utc_now
from data.tables.registry import CONNECTORS
from tests.bench.report import emit
from tests.bench.stage import DATABASES, Stage
from tests.bench.system import cpu_s

SEED = 4417
"""Another city than the demo's, so that every row is new to the store."""


def measure(stage: Stage) -> None:
    """Store scaled-up files of each connector in a store that holds two years."""
    made = {name: make(stage.quick) for name, make in PAYLOADS.items()}
    alone = {name: _parse_alone(name, payloads) for name, payloads in made.items()}
    for database in DATABASES:
        system = stage.system(database)
        try:
            with system.store() as store:
                _take(
                    store, "health_sites", feed("/fhir/Location", {}, seed=SEED, now=utc_now())[2]
                )
                for source, payloads in made.items():
                    _one(stage, database, store, source, payloads, alone[source])
        finally:
            stage.forget(system)


def _parse_alone(key: str, payloads: list[bytes]) -> float:
    """Return the rows a second when a file is only read."""
    source, start = catalogue().sources[key], time.perf_counter()
    parse, options = CONNECTORS[source.connector].parse, Options(tz=source.time_zone)
    rows = sum(_rows(key, len(parse(payload, options).records), payload) for payload in payloads)
    return rows / (time.perf_counter() - start)


def _take(store: Store, key: str, payload: bytes) -> Outcome:
    source = catalogue().sources[key]
    outcome = ingest(store, catalogue(), source, payload, origin="bench", now=utc_now())
    assert outcome.status == "ok", (key, outcome.status, outcome.error)
    return outcome


def _one(
    stage: Stage, database: str, store: Store, key: str, payloads: list[bytes], alone: float
) -> None:
    servers = stage.postgres.processes if database == "postgres" else []
    elsewhere, cpu, start = cpu_s(servers), time.process_time(), time.perf_counter()
    done = [(_take(store, key, payload), payload) for payload in payloads]
    took, cpu = time.perf_counter() - start, time.process_time() - cpu
    servers = stage.postgres.processes if database == "postgres" else []
    elsewhere = cpu_s(servers) - elsewhere
    rows = sum(_rows(key, outcome.records, payload) for outcome, payload in done)
    counts = [outcome.counts for outcome, _ in done]
    emit(
        f"ingest.{catalogue().sources[key].connector}.{database}", rows / took, "rows/s",
        yardstick=("reading the file without storing it", alone),
        rows=rows, files=len(payloads), mb=round(sum(map(len, payloads)) / 1e6, 2),
        seconds=round(took, 2), cpu_s=round(cpu, 2), database_cpu_s=round(elsewhere, 2),
        cpu_us_per_row=round((cpu + elsewhere) / rows * 1e6, 1),
        new=sum(c.new for c in counts), changed=sum(c.changed for c in counts),
        quarantined=sum(outcome.quarantined for outcome, _ in done),
    )  # fmt: skip


def _rows(key: str, records: int, payload: bytes) -> int:
    """Return the rows of a file in its own words: a timetable is one record of many lines."""
    if key != "bus_static":
        return records
    with zipfile.ZipFile(io.BytesIO(payload)) as archive:
        return sum(archive.read(n).count(b"\n") - 1 for n in archive.namelist())


def _warnings(quick: bool) -> list[bytes]:
    """Return one feed of hundreds of warnings, made from those of a rainstorm."""
    now = utc_now()
    story = begin((), SCENARIOS["rainstorm"], now - timedelta(hours=2), now - timedelta(hours=2))
    body = feed("/cap/warnings.atom", {}, seed=SEED, now=now, scenario=story)[2].decode()
    head, entries = body.split("<entry>", 1)[0], re.findall(r"<entry>.*?</entry>", body, re.S)
    copies = (120 if quick else 600) // max(1, len(entries))
    many = [
        re.sub(r"(<identifier>|,)([^<,]+?)(</identifier>|,)", rf"\g<1>\g<2>-{n}\g<3>", entry)
        for n in range(copies)
        for entry in entries
    ]
    return [(head + "".join(many) + "</feed>").encode()]


def _timetable(_quick: bool) -> list[bytes]:
    return [feed("/gtfs/static.zip", {}, seed=SEED, now=utc_now())[2]]


def _polls(path: str, count: int, every: timedelta) -> list[bytes]:
    """Return what a feed told at the busiest hour of the last days, poll after poll."""
    last = utc_now().replace(hour=0, minute=19, second=0, microsecond=0)  # 08:19 in Heyuan
    last -= timedelta(days=1 if last > utc_now() else 0)
    instants = [last - every * n for n in reversed(range(count))]
    answers = [feed(path, {}, seed=SEED, now=at) for at in instants]
    return [body for status, _kind, body in answers if status == 200]


def _buses(quick: bool) -> list[bytes]:
    return _polls("/gtfs-rt/trip-updates.pb", 5 if quick else 25, timedelta(minutes=3))


def _hospitals(quick: bool) -> list[bytes]:
    return _polls("/fhir/MeasureReport", 6 if quick else 30, timedelta(hours=2))


def _requests(quick: bool) -> list[bytes]:
    """Return one file of up to 5000 requests of the last weeks."""
    now = utc_now()
    query = {"start_date": (now - timedelta(days=3 if quick else 30)).isoformat()}
    body = feed("/open311/hotline/requests.xml", query, seed=SEED, now=now)[2]
    return [body.replace(b"<service_request_id>", b"<service_request_id>B-")]


PAYLOADS: dict[str, Callable[[bool], list[bytes]]] = {
    "warnings": _warnings,
    "bus_static": _timetable,
    "bus_trips": _buses,
    "health_capacity": _hospitals,
    "hotline": _requests,
}
