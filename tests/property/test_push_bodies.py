"""Whatever is pushed, the parsers answer: rows, problems, or one PayloadError; never an escape."""

from __future__ import annotations

import json
import math

from hypothesis import given
from hypothesis import strategies as st

from data.connectors import push_events, push_observations, push_requests
from data.connectors.connector import Options, PayloadError
from data.connectors.excerpt import excerpt

PARSERS = [push_observations, push_events, push_requests]
FORMS = st.sampled_from([{}, {"form": "json"}, {"form": "ndjson"}, {"form": "csv"}])

scalars = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30)
    | st.sampled_from(["GS-42", "441602", "hour", "2026-11-18T10:00:00+08:00", "closed", "open"])
)  # fmt: skip
fields = st.sampled_from([
    "indicator", "area", "grain", "period_start", "numerator", "denominator", "service_request_id",
    "event", "at", "note", "department", "status", "service_code", "requested_datetime", "lat",
]) | st.text(max_size=8)  # fmt: skip
values = st.recursive(
    scalars,
    lambda v: st.lists(v, max_size=4) | st.dictionaries(fields, v, max_size=6),
    max_leaves=20,
)
rows = st.lists(st.dictionaries(fields, values, max_size=8) | values, max_size=6)


def parsed(module, payload, form):
    try:
        return module.parse(payload, Options(tz="Asia/Shanghai", extra=form))
    except PayloadError:
        return None


@given(st.sampled_from(PARSERS), st.binary(max_size=300), FORMS)
def test_no_bytes_escape(module, payload, form):
    parsed(module, payload, form)


@given(
    st.sampled_from(PARSERS), rows,
    st.sampled_from(["", "observations", "events", "service_requests"]), FORMS,
)  # fmt: skip
def test_every_row_is_taken_or_refused(module, found, name, form):
    document = {name: found} if name else found
    result = parsed(module, json.dumps(document, allow_nan=False, default=str).encode()
                    if _finite(document) else json.dumps(document).encode(), form)  # fmt: skip
    if result is None or module is push_requests:
        return
    taken = [r.row for r in result.records]
    refused = [p.row for p in result.problems if p.refused]
    assert sorted(taken + refused) == list(range(1, result.summary["rows"] + 1))


def _finite(value):
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, dict):
        return all(map(_finite, value.values()))
    return not isinstance(value, list) or all(map(_finite, value))


@given(
    st.lists(st.lists(st.text(max_size=12), max_size=8), max_size=6),
    st.sampled_from(["utf-8", "utf-16", "gb18030"]),
)
def test_no_table_escapes(cells, codec):
    head = "indicator,area,grain,period_start,numerator,denominator\n"
    lines = "\n".join(",".join(row) for row in cells)
    payload = (head + lines).encode(codec, errors="replace")
    parsed(push_observations, payload, {"form": "csv"})
    parsed(push_events, payload, {})


@given(st.binary(max_size=200), st.integers(-2, 5), st.sampled_from(PARSERS))
def test_an_excerpt_never_fails(payload, row, module):
    excerpt(payload, module.CONNECTOR.key, row)
