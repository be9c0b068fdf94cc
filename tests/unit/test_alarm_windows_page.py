"""Planned work on the alarm page: seen by all, made by who may, refused in words."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from callbacks import alarm_windows as forms
from components.alarm_windows import FAULT_WORDS, WindowsShown, window_said, windows_view
from components.i18n import use
from data import models as m
from data.alarms.windows import Scope, Window, WindowFault, WindowKind
from data.cases.loop import Actor
from data.catalogue import catalogue
from data.vocabulary import LOCAL, Role
from tests.conftest import NOW
from tests.helpers import walk, words
from tests.store.support import sqlite_only

NAMES = {"zh": "积水超限", "en": "Flooded road"}
STANDING = Window(
    7, WindowKind.PLANNED, Scope("flood", "441602"), NOW, NOW + timedelta(hours=2), "管网检修", "王岚"
)  # fmt: skip


def drawn(lang="zh", **more):
    facts = {"windows": [STANDING], "rules": {"flood": NAMES}, "now": NOW.timestamp()}
    with use(lang):
        return windows_view(WindowsShown(**(facts | more)))


@pytest.mark.parametrize(("lang", "said"), [("zh", "进行中"), ("en", "under way")])
def test_a_window_is_listed_with_its_scope_end_and_reason(lang, said):
    shown = " ".join(words(p) for p in drawn(lang))
    assert said in shown
    assert NAMES[lang] in shown
    assert "管网检修" in shown
    assert "12:20" in shown


def test_who_may_not_make_windows_sees_no_form():
    def kinds(token):
        return {type(c).__name__ for p in drawn(token=token) for c in walk(p)}

    assert "Form" in kinds("t")
    assert "Form" not in kinds("")


def test_every_fault_has_words_in_both_languages():
    for fault in WindowFault:
        assert fault in FAULT_WORDS
        for lang in ("zh", "en"):
            with use(lang):
                said = window_said(fault.value, "441602")
                assert said
                assert "{" not in said
    with use("zh"):
        assert window_said("nonsense", "x") == ""


def test_a_store_that_cannot_be_asked_is_said():
    assert "无法读取" in " ".join(words(p) for p in drawn(windows=None))


@pytest.fixture
def client(store, monkeypatch):
    actor = Actor(1, "王岚", Role.OPERATOR, None, None)
    monkeypatch.setattr(forms.identity, "require", lambda *_roles: actor)
    monkeypatch.setattr(forms, "is_ours", lambda token: token == "ours")
    monkeypatch.setattr(forms, "utc_now", lambda: NOW)
    monkeypatch.setattr(forms, "publish_all", lambda *_args: None)
    server = Flask("t")
    forms.register(server, store, catalogue())
    return server.test_client()


def local(at):
    return f"{at.astimezone(LOCAL):%Y-%m-%d %H:%M}"


def send(client, **more):
    typed = {
        "token": "ours", "kind": "planned", "rule": "", "area": "441602", "object": "",
        "start": local(NOW), "end": local(NOW + timedelta(hours=1)), "reason": "管网检修",
    }  # fmt: skip
    answer = client.post("/alerts/windows", data=typed | more)
    assert answer.status_code == 303
    return answer.headers["Location"]


@sqlite_only
def test_the_form_makes_a_window_and_the_button_ends_it(store, client):
    assert "said=made" in send(client)
    with store.read() as conn:
        row = conn.execute(select(m.alarm_window)).one()
    assert (row.starts_at, row.made_name, row.ended_at) == (NOW, "王岚", None)
    ended = client.post("/alerts/windows/end", data={"token": "ours", "id": str(row.id)})
    assert "said=ended" in ended.headers["Location"]
    again = client.post("/alerts/windows/end", data={"token": "ours", "id": str(row.id)})
    assert "said=ended_already" in again.headers["Location"]


@sqlite_only
@pytest.mark.parametrize(("change", "said"), [
    ({"token": "theirs"}, "stale"),
    ({"start": "tomorrow"}, "not_a_time"),
    ({"end": "0001-01-01 00:00"}, "not_a_time"),
    ({"end": "9999-12-31 23:59"}, "not_a_time"),
    ({"rule": "nothing"}, "unknown_rule"),
    ({"area": ""}, "no_scope"),
    ({"reason": "长" * 900}, "reason_too_long"),
    ({"kind": "<script>"}, "unknown_kind"),
])  # fmt: skip
def test_a_form_that_is_refused_comes_back_as_it_was_typed(store, client, change, said):
    where = send(client, **change)
    assert f"said={said}" in where
    assert "f_start=" in where
    assert len(where) < 3000
    with store.read() as conn:
        assert conn.execute(select(m.alarm_window.c.id)).first() is None


@sqlite_only
@pytest.mark.parametrize("number", ["", "x", "-1", "9" * 30, "٣"])
def test_a_number_that_is_none_ends_nothing(store, client, number):
    answer = client.post("/alerts/windows/end", data={"token": "ours", "id": number})
    assert "said=unknown_window" in answer.headers["Location"]
