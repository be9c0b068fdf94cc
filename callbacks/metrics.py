"""/metrics: what a monitoring system collects. Only this machine, or who shows the token, may."""

from __future__ import annotations

import ipaddress
import json
import os
import secrets
import time
from collections.abc import Container, Iterator
from typing import Any

from dash import Dash
from flask import Flask, Response, g, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from prometheus_client import Counter as Count
from prometheus_client import Histogram as Spread
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy import event

from callbacks.api_access import bearer
from callbacks.guard import CALLBACKS, outputs_of
from callbacks.hub import Hub
from callbacks.pages import REST
from data.deadlines import within
from data.queries.health import disk
from data.queries.metrics import StoreFigures, store_figures
from data.settings import Settings
from data.store import Store, utc_now

TOKEN_LENGTH = 16
"""A shorter token is not accepted."""
SCRAPE_S = 5.0
FORWARDED = ("X-Forwarded-For", "Forwarded", "X-Real-IP")
FOLDER = "PROMETHEUS_MULTIPROC_DIR"
STREAM = "/live"
KINDS = frozenset({"select", "insert", "update", "delete", "with"})
SPANS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

_own = CollectorRegistry()
REQUESTS = Count("zhizhi_requests", "Answers by page and status", ["page", "status"], registry=_own)
PAGE_TIME = Spread(
    "zhizhi_request_seconds", "Time to an answer, streams left out", ["page"],
    registry=_own, buckets=SPANS,
)  # fmt: skip
CALLBACK_TIME = Spread(
    "zhizhi_callback_seconds", "Time of Dash callbacks", ["callback"], registry=_own, buckets=SPANS
)
DATABASE_TIME = Spread(
    "zhizhi_database_seconds", "Time of statements", ["kind"], registry=_own, buckets=SPANS
)
STREAMS = Gauge("zhizhi_streams", "Open live streams", registry=_own, multiprocess_mode="livesum")
HUB_REV = Gauge(
    "zhizhi_hub_revision", "Revision of the panels that a web worker has", registry=_own,
    multiprocess_mode="liveall",
)  # fmt: skip
HUB_OK = Gauge(
    "zhizhi_hub_store_ok", "1 when every web worker hears from the store", registry=_own,
    multiprocess_mode="livemin",
)  # fmt: skip


def register(app: Dash, server: Flask, store: Store, hub: Hub, config: Settings) -> None:
    """Attach /metrics and count what happens in this worker."""
    _count_requests(server, app.callback_map)
    _count_statements(store)
    _watched[:] = [hub]
    hub.observe(lambda: _see(hub))
    state = StoreState(store, config)

    @server.get("/metrics")
    def metrics() -> Response:
        refusal = _refusal(config)
        if refusal:
            return Response(refusal + "\n", 403, mimetype="text/plain")
        _see(hub)
        registry = _all_workers()
        registry.register(state)
        headers = {"Cache-Control": "no-store"}
        return Response(
            generate_latest(registry), headers=headers, content_type=CONTENT_TYPE_LATEST
        )


def _refusal(config: Settings) -> str:
    """Return why this caller may not read; "" if they may.

    A proxy on this machine is on this machine: what it hands on says whom it is for.
    """
    token, shown = config.metrics_token.get_secret_value(), bearer()
    if len(token) >= TOKEN_LENGTH and shown is not None:
        good = secrets.compare_digest(shown.encode(), token.encode())
        return "" if good else "this is not the token"
    if any(name in request.headers for name in FORWARDED) or not _is_here(request.remote_addr):
        return "/metrics is for this machine, or for Authorization: Bearer <ZHIZHI_METRICS_TOKEN>"
    return ""


def _is_here(address: str | None) -> bool:
    try:
        return ipaddress.ip_address(address or "").is_loopback
    except ValueError:
        return False


def _all_workers() -> CollectorRegistry:
    """Return what all workers counted; without gunicorn there is one, this."""
    registry = CollectorRegistry()
    if os.environ.get(FOLDER):
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    else:
        registry.register(_own)
    return registry


_watched: list[Hub] = []
"""The hub of this process: one, but where apps are made one after another, as in tests."""


def _see(hub: Hub) -> None:
    if _watched != [hub]:
        return
    STREAMS.set(hub.streams)
    HUB_REV.set(hub.rev)
    HUB_OK.set(1 if hub.db_ok else 0)


def _count_requests(server: Flask, callbacks: Container[str]) -> None:
    @server.before_request
    def begin() -> None:
        g.begun = time.perf_counter()

    @server.after_request
    def end(response: Response) -> Response:
        page = _page(server)
        REQUESTS.labels(page, str(response.status_code)).inc()
        begun = g.get("begun")
        if begun is not None and page != STREAM:
            took = time.perf_counter() - begun
            PAGE_TIME.labels(page).observe(took)
            if page == CALLBACKS and request.method == "POST":
                CALLBACK_TIME.labels(_callback(callbacks)).observe(took)
        return response


def _page(server: Flask) -> str:
    """Return which page or route was asked, never what was asked of it."""
    rule = request.url_rule.rule if request.url_rule is not None else REST
    if rule != REST:
        return rule
    known = server.extensions.get("pages", {})
    if request.path in known:
        return request.path
    start, slash, _ = request.path.rpartition("/")
    return start + slash if start + slash in known and start else "other"


def _callback(known: Container[str]) -> str:
    """Return the first part that a callback writes; "other" for one that there is not."""
    try:
        body = request.get_json(silent=True)
    except RecursionError:
        return "other"
    output = body.get("output") if isinstance(body, dict) else None
    if not isinstance(output, str) or output not in known:
        return "other"
    first = outputs_of(output)[0]
    return str(json.loads(first).get("type", "pattern")) if first.startswith("{") else first


def _count_statements(store: Store) -> None:
    @event.listens_for(store.engine, "before_cursor_execute")
    def before(
        _conn: Any, _cursor: Any, _text: str, _values: Any, context: Any, _many: Any
    ) -> None:
        if context is not None:
            context.zhizhi_begun = time.perf_counter()

    @event.listens_for(store.engine, "after_cursor_execute")
    def after(_conn: Any, _cursor: Any, text: str, _values: Any, context: Any, _many: Any) -> None:
        begun = getattr(context, "zhizhi_begun", None)
        if begun is not None:
            word = text.lstrip()[:6].rstrip().split(None, 1)[0].lower() if text.strip() else ""
            kind = word if word in KINDS else "other"
            DATABASE_TIME.labels(kind).observe(time.perf_counter() - begun)


class StoreState(Collector):
    """What is read from the store at each scrape."""

    def __init__(self, store: Store, config: Settings) -> None:
        self._store, self._config = store, config

    def describe(self) -> list[Any]:
        """Name nothing in advance: being registered must not ask the store."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield the figures; a store that is lost is a figure too."""
        free, _ = disk(self._config.var)
        yield _one("zhizhi_disk_free_bytes", "Free where the files lie", float(free))
        try:
            with within(SCRAPE_S), self._store.read() as conn:
                found = store_figures(conn, now=utc_now())
        except Exception:  # whatever is wrong with it
            yield _one("zhizhi_store_up", "1 when the store answers", 0.0)
            return
        yield _one("zhizhi_store_up", "1 when the store answers", 1.0)
        yield _one("zhizhi_store_bytes", "Size of the store", float(found.size))
        yield _one("zhizhi_clock_apart_seconds", "Database's clock ahead by", found.clock_apart)
        if found.beat_age is not None:
            yield _one("zhizhi_collector_age_seconds", "Since the collector's beat", found.beat_age)
        if found.panel_age is not None:
            yield _one("zhizhi_panel_age_seconds", "Since the newest panel", found.panel_age)
        yield from _of_sources(found)


def _one(name: str, words: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, words, value=value)


def _of_sources(found: StoreFigures) -> Iterator[GaugeMetricFamily]:
    ok = GaugeMetricFamily(
        "zhizhi_source_age_seconds", "Since a source last answered well", labels=["source"]
    )
    tried = GaugeMetricFamily(
        "zhizhi_source_poll_age_seconds", "Since a source was last asked", labels=["source"]
    )
    failures = GaugeMetricFamily(
        "zhizhi_source_failures", "Polls in a row that failed", labels=["source"]
    )
    runs = GaugeMetricFamily(
        "zhizhi_source_runs_hour", "Runs of the last hour", labels=["source", "status"]
    )
    for code, source in sorted(found.sources.items()):
        if source.ok_age is not None:
            ok.add_metric([code], source.ok_age)
        if source.try_age is not None:
            tried.add_metric([code], source.try_age)
        failures.add_metric([code], source.failures)
        for status, count in sorted(source.runs.items()):
            runs.add_metric([code, status], count)
    yield from (ok, tried, failures, runs)
