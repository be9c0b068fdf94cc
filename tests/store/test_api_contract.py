"""The API keeps what its OpenAPI document says, whatever it is sent; and never answers 5xx."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from app import create_app
from data.store import Store
from tests.store import api_client
from tests.store.alarming import hears, reading
from tests.store.api_client import Caller, case, event, value
from tests.store.payloads import alert, feed
from tests.store.support import pg_only, sqlite_only, take

EXAMPLES = 25
KEPT = [
    not_a_server_error, status_code_conformance, content_type_conformance,
    response_headers_conformance, response_schema_conformance,
]  # fmt: skip

READ = ["areas", "indicators", "sources", "observations", "cases", "alerts", "alarms"]
PUSHED = ["observations", "events", "requests", "cases"]
OPERATIONS = [("GET", name) for name in READ] + [("POST", name) for name in PUSHED]


@pytest.fixture
def caller(store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Caller]:
    """The whole application, with a value, a case and a warning in its store."""
    monkeypatch.setenv("ZHIZHI_API_PUSHES_PER_MINUTE", "100000")
    monkeypatch.setenv("ZHIZHI_API_READS_PER_MINUTE", "100000")
    from data.settings import settings as switches

    switches.cache_clear()
    made = Caller(store, create_app(store, build="b1").server)
    for module in (api_client.api_access, api_client.api_push, api_client.api_read):
        monkeypatch.setattr(module, "utc_now", lambda: made.now)
    made.push("observations", [value(), value("441621", 3)])
    made.push("cases", [case("1"), case("2")])
    made.push("events", [event("1")])
    take(store, "warnings", feed(alert("A1")))
    hears(store, reading())
    yield made
    made.server.extensions["hub"].close()
    switches.cache_clear()


def described(caller: Caller):
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", caller.server)


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda m: m.value)
@pytest.mark.parametrize(("method", "name"), OPERATIONS)
@sqlite_only
def test_every_answer_is_one_the_document_tells_of(caller: Caller, method, name, mode):
    call_often(caller, method, name, mode, EXAMPLES)


@pg_only
def test_every_answer_of_the_other_database_too(caller: Caller):
    for method, name in OPERATIONS[3:]:
        for mode in GenerationMode:
            call_often(caller, method, name, mode, 8)


def call_often(caller: Caller, method: str, name: str, mode: GenerationMode, examples: int) -> None:
    """Call one operation with generated queries and bodies; each answer must be a documented one."""
    operation = described(caller)[f"/api/v1/{name}"][method]
    # the test transport does not unpack
    headers = caller.headers(caller.token(), Accept_Encoding="identity")
    checks = KEPT + ([negative_data_rejection] if mode is GenerationMode.NEGATIVE else [])
    if name in ("requests", "cases"):
        checks = KEPT  # GeoReport lists are read leniently: other fields and spellings are allowed

    @seed(311)
    @settings(
        max_examples=examples, deadline=None, database=None, derandomize=True,
        suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate],
    )  # fmt: skip
    @given(case_=operation.as_strategy(generation_mode=mode))
    def called(case_):
        case_.call_and_validate(headers=headers, checks=checks)

    called()


def test_the_document_is_whole(store, monkeypatch):
    """Every reference leads somewhere, every route of the API is told, with a summary."""
    server = api_client.caller_of(store, monkeypatch).server
    document = server.test_client().get("/api/v1/openapi.json").json
    assert document["openapi"].startswith("3.1")
    text = json.dumps(document)
    names = set(document["components"]["schemas"])
    for part in text.split('"#/components/schemas/')[1:]:
        assert part.partition('"')[0] in names
    told = {(path, method.upper()) for path, ways in document["paths"].items() for method in ways}
    rules = [r for r in server.url_map.iter_rules() if r.endpoint.startswith("api.")]
    ours = {
        (r.rule, method)
        for r in rules
        for method in r.methods - {"HEAD", "OPTIONS"}
        if r.endpoint not in ("api.openapi", "api.push_requests_json")
    }
    assert told == ours
    for ways in document["paths"].values():
        assert all(way["summary"] for way in ways.values())


@sqlite_only
def test_somebody_elses_validator_accepts_the_document(store, monkeypatch):
    server = api_client.caller_of(store, monkeypatch).server
    document = server.test_client().get("/api/v1/openapi.json").json
    faults = [
        f"{'/'.join(map(str, fault.absolute_path))}: {fault.message}"
        for fault in OpenAPIV31SpecValidator(document).iter_errors()
    ]
    assert faults == []


def test_every_example_of_the_document_is_taken(store, monkeypatch):
    """A department begins by sending what stands there."""
    caller = api_client.caller_of(store, monkeypatch)
    token, paths = caller.token(), caller.get("openapi.json").json["paths"]
    client, tried = caller.server.test_client(), 0
    for path in ("observations", "requests", "events"):
        media = paths[f"/api/v1/{path}"]["post"]["requestBody"]["content"]
        for kind, told in media.items():
            if "example" not in told:
                continue
            example = told["example"]
            if kind == "application/x-www-form-urlencoded":
                sent = client.post(f"/api/v1/{path}", data=example | {"api_key": token})
            else:
                body = example if isinstance(example, str) else json.dumps(example)
                sent = caller.push(path, body.encode(), token, Content_Type=kind)
            assert sent.status_code == 200, (path, kind, sent.text)
            tried += 1
    assert tried == 8


def test_the_document_shows_the_rows_that_are_checked(store, monkeypatch):
    caller = api_client.caller_of(store, monkeypatch)
    schemas = caller.get("openapi.json").json["components"]["schemas"]
    row = schemas["ObservationRow"]["properties"]
    assert set(row) == {
        "indicator", "area", "grain", "period_start", "numerator", "denominator",
    }  # fmt: skip
    assert row["grain"]["enum"] == ["minute", "hour", "day", "week", "month", "quarter", "year"]


# ---- beside the page ----


@sqlite_only
@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/nowhere", 404),
        ("GET", "/api/v1/", 404),
        ("GET", "/api/v1", 404),
        ("GET", "/api/", 404),
        ("GET", "/api/v2/areas", 404),
        ("GET", "/api/v1/areas/", 404),
        ("POST", "/api/v1/nowhere", 404),
        ("GET", "/api/v1/events", 405),
        ("GET", "/api/v1/requests", 405),
        ("PUT", "/api/v1/observations", 405),
        ("DELETE", "/api/v1/areas", 405),
        ("POST", "/api/v1/areas", 405),
        ("PATCH", "/api/v1/openapi.json", 405),
    ],
)
def test_other_addresses_and_methods_are_problems(caller: Caller, method, path, status):
    answer = caller.server.test_client().open(path, method=method)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert answer.json["status"] == status
    assert answer.headers["X-Request-Id"] == answer.json["request_id"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    if status == 405:
        assert answer.headers["Allow"]


@sqlite_only
def test_an_answer_carries_the_callers_own_id_if_it_is_a_plain_one(caller: Caller):
    assert (
        caller.get("areas", X_Request_Id="abc-12345678").headers["X-Request-Id"] == "abc-12345678"
    )
    for odd in ("a b c d e f g h", "x" * 65, "<script>"):
        assert caller.get("areas", X_Request_Id=odd).headers["X-Request-Id"] != odd


@sqlite_only
def test_the_wall_is_still_served_beside_the_api(caller: Caller):
    client = caller.server.test_client()
    assert client.get("/").status_code == 200
    assert client.get("/nowhere").mimetype == "text/html"


@sqlite_only
def test_a_body_without_a_length_is_measured_as_it_comes(caller: Caller):
    """A chunked body, as gunicorn hands it over."""
    token, client = caller.token(), caller.server.test_client()
    headers = caller.headers(token, Content_Type="application/json")
    for body, status in ((b"[]", 200), (b" " * 9_000_000, 413)):
        environ = {"wsgi.input_terminated": True}
        answer = client.post(
            "/api/v1/events", input_stream=io.BytesIO(body), headers=headers,
            environ_overrides=environ,
        )  # fmt: skip
        assert answer.status_code == status


@sqlite_only
@pytest.mark.parametrize("packed", ["br", "gzip"])
def test_a_packed_answer_is_known_again_too(caller: Caller, packed):
    token = caller.token(None)
    first = caller.get("areas", token, Accept_Encoding=packed)
    assert first.headers["Content-Encoding"] == packed
    again = caller.get("areas", token, Accept_Encoding=packed, If_None_Match=first.headers["ETag"])
    assert (again.status_code, again.data) == (304, b"")


@sqlite_only
def test_what_is_sent_in_one_piece_is_told_in_one_piece(caller: Caller):
    @seed(311)
    @settings(max_examples=40, deadline=None, database=None, derandomize=True)
    @given(body=st.binary(max_size=200), name=st.sampled_from(PUSHED))
    def sent(body, name):
        for kind in ("application/json", "text/csv", "application/xml",
                     "application/x-www-form-urlencoded"):  # fmt: skip
            answer = caller.push(name, body, Content_Type=kind)
            assert answer.status_code < 500

    sent()
