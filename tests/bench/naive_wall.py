"""The yardsticks: the same wall as one would first write it, and its bare queries.

The twin: `dcc.Interval`, a callback a panel, pandas.read_sql and go.Figure, everything made
again at every refresh for every display. The floor: the same data by six raw statements and
json.dumps, nothing else.
"""

from __future__ import annotations

import json
import time
from typing import Any

import pandas as pd
import plotly.graph_objects as go
from dash import Dash, Input, Output, dcc, html
from sqlalchemy import Connection, bindparam, text

from data.catalogue import catalogue
from data.geo import county_shapes
from data.queries.keys import read_keys
from data.store import Store, open_store

HOURS = """select indicator_id, bucket, num, den, last from rollup_hour
  where indicator_id in :ids and area_id = :city and bucket >= :since order by bucket"""
NEWEST = "select indicator_id, area_id, num, den, known_at from latest where indicator_id in :ids"
DAY = """select indicator_id, num, den from rollup_day
  where indicator_id in :ids and area_id = :city and bucket = :today"""
BANDS = """select indicator_id, slot, low, high from baseline
  where indicator_id in :ids and area_id = :city"""
OPEN = """select case_no, title, level, stage, due_at, county_id, lon, lat from cases
  where closed_at is null and matter = {true} order by level, due_at"""
SOURCES = "select source_id, last_ok_at, failures from source_state"


class Questions:
    """The statements of the wall with their values, for one store."""

    def __init__(self, store: Store) -> None:
        self.store, self.catalogue = store, catalogue()
        with store.read() as conn:
            self.keys = read_keys(conn)
            newest = conn.execute(text("select max(bucket) from rollup_hour")).scalar()
            today = conn.execute(text("select max(bucket) from rollup_day")).scalar()
        since = newest - 86400 if isinstance(newest, int) else newest - pd.Timedelta(hours=24)
        self.tiles = {d: self.catalogue.wall_indicators(d) for d in self.catalogue.domains}
        self.values = {
            "ids": [self.keys.indicators[i.code] for found in self.tiles.values() for i in found],
            "city": self.keys.areas[self.catalogue.city.code],
            "since": since,
            "today": today,
        }
        self.open = OPEN.format(true="1" if store.sqlite else "true")

    def bound(self, sql: str, ids: list[int] | None = None) -> Any:
        """Return a statement with its values in place."""
        wanted = {k: v for k, v in self.values.items() if f":{k}" in sql}
        if "ids" in wanted and ids is not None:
            wanted["ids"] = ids
        statement = text(sql)
        if "ids" in wanted:
            statement = statement.bindparams(bindparam("ids", expanding=True))
        return statement.bindparams(**wanted)

    def frame(self, conn: Connection, sql: str, ids: list[int] | None = None) -> pd.DataFrame:
        """Return an answer as a pandas frame."""
        return pd.read_sql(self.bound(sql, ids), conn)


def floor(questions: Questions) -> int:
    """Ask the six statements, return the bytes of their JSON: no refresh can cost less."""
    size = 0
    with questions.store.read() as conn:
        for sql in (HOURS, NEWEST, DAY, BANDS, questions.open, SOURCES):
            rows = [tuple(row) for row in conn.execute(questions.bound(sql))]
            size += len(json.dumps(rows, default=str))
    return size


def create_twin(store: Store) -> Dash:
    """Return the naive wall over a store."""
    questions = Questions(store)
    app = Dash("naive", title="naive twin", serve_locally=True)
    panels = [*questions.tiles, "map", "queue", "sources", "header"]
    app.layout = html.Div(
        [dcc.Interval(id="every", interval=2000), *[html.Div(id=f"panel-{p}") for p in panels]]
    )
    for domain in questions.tiles:
        _wire_domain(app, questions, domain)
    _wire_rest(app, questions)
    return app


def _wire_domain(app: Dash, q: Questions, domain: str) -> None:
    @app.callback(Output(f"panel-{domain}", "children"), Input("every", "n_intervals"))
    def draw(_n: int | None) -> list[Any]:
        ids = [q.keys.indicators[i.code] for i in q.tiles[domain]]
        with q.store.read() as conn:
            hours, newest = q.frame(conn, HOURS, ids), q.frame(conn, NEWEST, ids)
            day, bands = q.frame(conn, DAY, ids), q.frame(conn, BANDS, ids)
        return [
            _tile(i, hours[hours.indicator_id == key], newest[newest.indicator_id == key],
                  day[day.indicator_id == key], bands[bands.indicator_id == key])
            for i, key in zip(q.tiles[domain], ids, strict=True)
        ]  # fmt: skip


def _tile(
    indicator: Any,
    hours: pd.DataFrame,
    newest: pd.DataFrame,
    day: pd.DataFrame,
    bands: pd.DataFrame,
) -> html.Div:
    counts = day if indicator.wall.window == "today" else newest
    den = counts["den"].sum()
    value = counts["num"].sum() / (den or 1) * indicator.factor
    figure = go.Figure()
    low, high = bands["low"].head(24), bands["high"].head(24)
    figure.add_trace(go.Scatter(y=high, mode="lines", line={"width": 0}))
    figure.add_trace(go.Scatter(y=low, mode="lines", fill="tonexty", line={"width": 0}))
    figure.add_trace(go.Scatter(x=hours["bucket"], y=hours["num"], mode="lines"))
    figure.update_layout(height=44, margin={"l": 0, "r": 0, "t": 0, "b": 0}, showlegend=False)
    head = [html.Span(indicator.name["zh"]), html.B(f"{value:,.{indicator.decimals}f}")]
    return html.Div([*head, dcc.Graph(figure=figure, config={"displayModeBar": False})])


def _wire_rest(app: Dash, q: Questions) -> None:
    every = Input("every", "n_intervals")

    @app.callback(Output("panel-map", "children"), every)
    def draw_map(_n: int | None) -> Any:
        with q.store.read() as conn:
            rows = q.frame(conn, q.open)
        by_county = rows.groupby("county_id").size()
        codes = [str(f["id"]) for f in county_shapes()["features"]]
        counts = [int(by_county.get(q.keys.areas[c], 0)) for c in codes]
        figure = go.Figure(go.Choropleth(geojson=county_shapes(), locations=codes, z=counts))
        for level, some in rows.groupby("level"):
            figure.add_trace(
                go.Scattergeo(lon=some["lon"], lat=some["lat"], text=some["title"], name=str(level))
            )
        figure.update_geos(fitbounds="locations", visible=False)
        return dcc.Graph(figure=figure)

    @app.callback(Output("panel-queue", "children"), every)
    def draw_queue(_n: int | None) -> Any:
        with q.store.read() as conn:
            rows = q.frame(conn, q.open).head(8)
        body = [html.Tr([html.Td(str(v)) for v in row]) for row in rows.itertuples(index=False)]
        return html.Table(html.Tbody(body))

    @app.callback(Output("panel-sources", "children"), every)
    def draw_sources(_n: int | None) -> Any:
        with q.store.read() as conn:
            return html.Div([html.Span(str(r)) for r in q.frame(conn, SOURCES).itertuples()])

    @app.callback(Output("panel-header", "children"), every)
    def draw_header(_n: int | None) -> Any:
        with q.store.read() as conn:
            return html.H1(f"{len(q.frame(conn, q.open))} · {time.strftime('%H:%M:%S')}")


def refresh(app: Dash) -> int:
    """Play one refresh of one display through Dash; return the bytes it would be sent."""
    client, size = app.server.test_client(), 0
    for spec in app.callback_map:
        prop = spec.rpartition(".")
        body = {
            "output": spec,
            "outputs": {"id": prop[0], "property": prop[2]},
            "inputs": [{"id": "every", "property": "n_intervals", "value": 1}],
            "changedPropIds": ["every.n_intervals"],
        }
        answer = client.post("/_dash-update-component", json=body)
        assert answer.status_code == 200, (spec, answer.status_code, answer.text[:300])
        size += len(answer.data)
    return size


def create_server() -> Any:
    """Return the twin as a WSGI application, for Chromium."""
    app = create_twin(open_store())
    with app.server.test_request_context("/"):
        app.index()
    return app.server
