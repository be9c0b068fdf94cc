"""A small filled store: what the simulator's feeds tell within one minute, and nothing older."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from data import panels
from data.catalogue import catalogue
from data.catalogue.addresses import simulated
from data.cli.store import prepare
from data.ingest.run import ingest
from data.models import store_info
from data.simulate.feeds import feed
from data.store import Store, utc_now

SEED = 4416


def make(url: str) -> None:
    """Migrate the store at `url` and fill it through the connectors."""
    store, now = Store(url), utc_now()
    prepare(store)
    day = (now - timedelta(hours=26)).replace(minute=0, second=0, microsecond=0)
    facts = catalogue()
    with store.write() as conn:
        rows = [{"key": f"cases_since:{key}", "value": day.isoformat()} for key in facts.sources]
        conn.execute(store_info.insert(), [{"key": "demo", "value": "true"}, *rows])
    for source in filter(simulated, facts.sources.values()):
        for url_ in source.urls:
            path = url_.replace("${SIMULATOR}", "")
            outcome = ingest(
                store, facts, source, _body(path, day, now), origin=f"simulator:{path}", now=now
            )
            assert outcome.status == "ok", (source.key, outcome.error)
    with store.write() as conn:
        panels.publish_all(conn, facts, now)
    store.checkpoint()
    store.dispose()


def _body(path: str, day: datetime, now: datetime) -> bytes:
    query = {"start_date": day.isoformat()} if "requests" in path else {}
    for minutes in (0, 10):  # the hospitals' feed is down for eight minutes now and then
        status, _kind, body = feed(path, query, seed=SEED, now=now - timedelta(minutes=minutes))
        if status == 200:
            return body
    raise AssertionError(f"{path} answered {status}")


def request_row(
    number: str, code: str, *, priority: int, title: str, at: datetime
) -> dict[str, Any]:
    """Return one Open311 request of 源城区."""
    return {
        "service_request_id": number,
        "status": "open",
        "status_notes": "待派单",
        "service_code": code,
        "description": title,
        "requested_datetime": at.isoformat(),
        "updated_datetime": at.isoformat(),
        "address": "河源市源城区新江街道",
        "lat": 23.746,
        "long": 114.70,
        "priority": priority,
    }
