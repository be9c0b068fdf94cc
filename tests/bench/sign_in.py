"""A session at a running web server, as a browser would open it."""

from __future__ import annotations

import http.client
import json
from typing import Any
from urllib.parse import urlencode

from data.catalogue import catalogue
from data.commands.accounts import Wanted, create
from data.commands.audit import SHELL
from data.queries.keys import read_keys
from data.store import Store, utc_now
from data.vocabulary import Role

NAME, PASSWORD = "bench-operator", "a long way to go 2026"


def account(store: Store) -> None:
    """Make the account that watches."""
    wanted = Wanted(NAME, "值班员", Role.OPERATOR, must_change=False)
    with store.write() as conn:
        create(conn, catalogue(), read_keys(conn), wanted, PASSWORD, by=SHELL, now=utc_now())


def session(port: int) -> str:
    """Sign in and return the cookie."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    page = {"Referer": f"http://127.0.0.1:{port}/login"}
    connection.request("GET", "/_dash-layout", headers=page)
    answer = connection.getresponse()
    cookie, token = _cookie(answer), _token(json.loads(answer.read()))
    form = urlencode({"token": token, "name": NAME, "password": PASSWORD})
    sent = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", "/login", body=form, headers=sent)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return _cookie(answer)


def _cookie(answer: http.client.HTTPResponse) -> str:
    return "; ".join(c.partition(";")[0] for c in answer.headers.get_all("Set-Cookie") or ())


def _token(part: Any) -> str:
    """Return the value of the hidden field "token" of a layout."""
    if isinstance(part, list):
        return next((t for t in map(_token, part) if t), "")
    if not isinstance(part, dict):
        return ""
    if part.get("name") == "token" and part.get("type") == "hidden":
        return str(part.get("value"))
    return _token(list(part.values()))
