"""What somebody does at the sign-in page, over HTTP."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

from tests.store.people import GOOD


def page(client, query=""):
    """Return the page's layout as text, with Chinese readable."""
    answer = client.get("/_dash-layout", headers={"Referer": f"http://localhost/login{query}"})
    assert answer.status_code == 200
    return json.dumps(answer.get_json(), ensure_ascii=False)


def token(client, query=""):
    headers = {"Referer": f"http://localhost/login{query}"}
    return hidden(client.get("/_dash-layout", headers=headers).get_json()).get("token", "")


def hidden(part):
    found = {}
    if isinstance(part, dict):
        props = part.get("props", {})
        if props.get("type") == "hidden":
            found[props["name"]] = props.get("value")
        for child in part.values():
            found |= hidden(child)
    elif isinstance(part, list):
        for child in part:
            found |= hidden(child)
    return found


def post(client, path="/login", **form):
    return client.post(path, data={"token": token(client), **form})


def enter(client, name="wang.min", password=GOOD, **more):
    return post(client, name=name, password=password, **more)


def led(answer):
    assert answer.status_code == 303
    parts = urlsplit(answer.headers["Location"])
    return parts.path, {k: v[0] for k, v in parse_qs(parts.query).items()}


def who(client):
    answer = client.post("/login/alive")
    return answer.get_json()["id"] if answer.status_code == 200 else None
