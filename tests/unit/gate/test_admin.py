"""The page of accounts: who may press its buttons, and what they do."""

from __future__ import annotations

import pytest

from data.settings import Settings
from data.vocabulary import Role
from tests.store.people import OTHER, make
from tests.store.support import sqlite_only
from tests.unit.login.signing_in import enter, led, post, who

pytestmark = [sqlite_only, pytest.mark.usefixtures("quick")]


@pytest.fixture
def settings():
    return Settings()


def press(client, act, key="", **typed):
    fields = [{"id": {"type": "admin-field", "field": f}, "property": "value", "value": v}
              for f, v in typed.items()]  # fmt: skip
    ids = [{"id": f["id"], "property": "id", "value": f["id"]} for f in fields]
    button = {
        "id": {"type": "admin-act", "act": act, "key": key},
        "property": "n_clicks",
        "value": 1,
    }
    body = {
        "output": "..admin-said.children...admin-nudge.data..",
        "outputs": [{"id": "admin-said", "property": "children"}, {"id": "admin-nudge", "property": "data"}],
        "inputs": [[button]], "state": [fields, ids, {"id": "admin-nudge", "property": "data", "value": 0},
                                        {"id": "admin", "property": "lang", "value": "zh"}],
        "changedPropIds": [f'{{"act":"{act}","key":"{key}","type":"admin-act"}}.n_clicks'],
    }  # fmt: skip
    return client.post("/_dash-update-component", json=body)


def test_the_security_administrator_makes_and_shuts_accounts(client, server, store):
    make(store, "an.quan", Role.SECURITY)
    enter(client, "an.quan")
    said = press(
        client, "create", name="zhang.san", display="张三", role="viewer", department="", area=""
    )
    text = said.get_data(as_text=True)
    assert "zhang.san" in text
    password = text.split('"className":"secret"')[0].rsplit('"children":"', 1)[1].split('"')[0]
    other = server.test_client()
    assert led(enter(other, "zhang.san", password))[1]["view"] == "password"
    assert press(client, "disable", "zhang.san").status_code == 200
    assert who(other) is None
    assert (
        "未执行"
        in press(client, "disable", "an.quan").get_json()["response"]["admin-said"]["children"][0][
            "props"
        ]["children"]
    )


@pytest.mark.parametrize("role", [r for r in Role if r not in (Role.SECURITY, Role.SYSTEM_ACTOR)])
def test_nobody_else_opens_the_page_or_presses_its_buttons(client, store, role):
    make(store, role=role, department="water" if role is Role.DEPARTMENT else None)
    enter(client)
    assert client.get("/admin").status_code == 403
    assert press(client, "create", name="x.y", role="security").status_code == 403
    assert OTHER not in post(client, "/logout").get_data(as_text=True)
