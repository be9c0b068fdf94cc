"""Displays are named and retired by whoever is signed in as one who may, whatever a form says."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from callbacks import screen_acts
from components.i18n import use
from data import models as m
from data.cases.loop import Actor
from data.commands.screens import ScreenFault
from data.vocabulary import Role
from tests.conftest import NOW
from tests.store.support import sqlite_only

ID = "d-0123456789"


@pytest.fixture
def signed(monkeypatch):
    def as_(role):
        actor = Actor(1, "李维", role, None, None) if role else None
        monkeypatch.setattr(screen_acts.identity, "current", lambda: actor)

    return as_


@pytest.fixture
def act(store):
    with store.write() as conn:
        values = {"id": ID, "name": "a", "first_seen_at": NOW, "seen_at": NOW}
        conn.execute(m.screen.insert().values(values))

    def done(wish, typed="", screen=ID):
        with Flask("t").test_request_context("/"):
            return screen_acts._done(store, screen, wish, typed)

    return done


def row(store):
    with store.read() as conn:
        return conn.execute(select(m.screen)).one()


@sqlite_only
def test_a_steward_names_retires_and_takes_back(store, act, signed):
    signed(Role.STEWARD)
    assert act("name", "大厅主屏") is None
    assert act("retire") is None
    assert row(store).retired_at is not None
    assert act("back") is None
    assert (row(store).name, row(store).retired_at) == ("大厅主屏", None)


@sqlite_only
@pytest.mark.parametrize("role", [None, Role.VIEWER, Role.DEPARTMENT, Role.OPERATOR])
def test_others_do_not(store, act, signed, role):
    signed(role)
    assert act("retire") is ScreenFault.NO_RIGHT
    assert row(store).retired_at is None


@sqlite_only
def test_what_is_not_there_or_no_act_is_said(act, signed):
    signed(Role.STEWARD)
    assert act("retire", screen="nobody") is ScreenFault.UNKNOWN
    assert act("explode") is ScreenFault.UNKNOWN


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_fault_and_act_has_words(lang):
    with use(lang):
        assert {f for f in ScreenFault if screen_acts.FAULTS[f]} == set(ScreenFault)
        assert set(screen_acts.DONE) == {"name", "retire", "back"}
