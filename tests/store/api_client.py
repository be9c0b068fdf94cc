"""A client of the API over a store, with a clock that stands still and tokens that hold."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from callbacks import api, api_access, api_push, api_read
from data.catalogue import catalogue
from data.ingest.tokens import Wanted, create_token
from data.settings import Settings
from data.store import Store
from data.vocabulary import LOCAL
from tests.conftest import NOW

HALLS, WAITING, AT_COUNTER = "service_halls", "GS-41", "GS-42"


@dataclass
class Caller:
    """Calls the API as a department does."""

    store: Store
    server: Flask
    now: datetime = NOW
    tokens: dict[str, str] = field(default_factory=dict)

    def token(self, source: str | None = HALLS, **scope: Any) -> str:
        """Make a token."""
        with self.store.write() as conn:
            return create_token(conn, catalogue(), Wanted(source, **scope), now=self.now)[1]

    def headers(self, token: str | None, **more: str) -> dict[str, str]:
        named = {k.replace("_", "-"): v for k, v in more.items()}
        return ({"Authorization": f"Bearer {token}"} if token else {}) | named

    def push(self, path: str, body: Any, token: str | None = None, **more: str) -> Any:
        """POST a JSON body, or bytes as they are."""
        if token is None:
            token = self.tokens.setdefault(HALLS, "") or self.token()
            self.tokens[HALLS] = token
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"} | self.headers(token, **more)
        return self.server.test_client().post(f"/api/v1/{path}", data=data, headers=headers)

    def get(self, path: str, token: str | None = None, **more: str) -> Any:
        headers = self.headers(token, **more)
        return self.server.test_client().get(f"/api/v1/{path}", headers=headers)

    def items(self, path: str) -> list[dict[str, Any]]:
        """Read every page of a list."""
        found, address = [], f"/api/v1/{path}"
        for _ in range(200):
            answer = self.server.test_client().get(address)
            assert answer.status_code == 200, answer.text
            found += answer.json["items"]
            address = answer.json["next"]
            if address is None:
                return found
        raise AssertionError("the pages never end")


def caller_of(store: Store, monkeypatch: pytest.MonkeyPatch, **settings: Any) -> Caller:
    """Return a caller of an API that anybody may read."""
    server = Flask("test")
    made = Caller(store, server)
    for module in (api_access, api_push, api_read):
        monkeypatch.setattr(module, "utc_now", lambda: made.now)
    config = Settings(**({"api_read": "open"} | settings))
    api.register(server, store, catalogue(), config)
    return made


@pytest.fixture
def caller(store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Caller]:
    return caller_of(store, monkeypatch)


def value(area: str = "441602", num: float = 5, den: float | None = 10, **more: Any) -> Any:
    """Return one row to push: by default of the ratio, of the last whole hour."""
    hour = NOW.astimezone(LOCAL).replace(minute=0) - timedelta(hours=1)
    row = {
        "indicator": AT_COUNTER, "area": area, "grain": "hour",
        "period_start": hour.isoformat(), "numerator": num, "denominator": den,
    } | more  # fmt: skip
    return {k: v for k, v in row.items() if v is not None}


def case(number: str = "1", code: str = "DT-01", area: str = "441602", **more: Any) -> Any:
    """Return one case to push."""
    from tests.store.payloads import request

    return request(number, code, area, **more)


def event(number: str = "1", name: str = "arrived", minutes: float = -5, **more: Any) -> Any:
    """Return one event to push, some minutes from now."""
    at = (NOW + timedelta(minutes=minutes)).isoformat()
    return {"service_request_id": number, "event": name, "at": at, **more}


def verdicts(answer: Any) -> list[str]:
    """Return the verdict of each row, or the reason of a refused one."""
    return [r["reason"] if r["verdict"] == "refused" else r["verdict"] for r in answer.json["rows"]]
