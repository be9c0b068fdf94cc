"""Tokens: shown once, kept as a hash, scoped, revocable; and nothing tells a revoked from none."""

from __future__ import annotations

from datetime import timedelta

import pytest
from click.testing import CliRunner

from data import models as m
from data.catalogue import catalogue
from data.cli import main
from data.ingest.tokens import TokenError, Wanted, create_token, note_used, revoke_token
from data.queries.keys import read_keys
from data.queries.sources import source_rows
from data.queries.tokens import (
    allowed_areas,
    allowed_indicators,
    digest,
    find_token,
    token_rows,
)
from tests.conftest import NOW
from tests.store.api_client import AT_COUNTER, HALLS, WAITING
from tests.store.support import rows_of, sqlite_only


def make(store, source=HALLS, **more):
    with store.write() as conn:
        return create_token(conn, catalogue(), Wanted(source, **more), now=NOW)


def find(store, text, now=NOW):
    with store.read() as conn:
        return find_token(conn, text, now=now)


def test_a_token_is_found_by_its_text_and_kept_as_a_hash(store):
    number, text = make(store)
    found = find(store, text)
    assert (found.id, found.source, found.purpose) == (number, HALLS, "push")
    (row,) = rows_of(store, m.api_token)
    assert row.sha256 == digest(text)
    secret = text.split("_", 2)[2]
    assert len(secret) >= 43
    assert secret not in str(tuple(row))


def test_two_tokens_are_never_alike(store):
    assert len({make(store)[1] for _ in range(5)}) == 5


@pytest.mark.parametrize("spoil", [
    lambda t: t[:-1] + ("A" if t[-1] != "A" else "B"), lambda t: t + "A", lambda t: t[:-1],
    lambda t: t.upper(), lambda _: "", lambda _: "zz_", lambda _: "zz_00000000_x",
    lambda _: "zz_\x00_x", lambda _: "名" * 100, lambda t: t + "x" * 10000,
])  # fmt: skip
def test_anything_else_is_no_token(store, spoil):
    assert find(store, spoil(make(store)[1])) is None


def test_a_revoked_token_holds_no_more_and_can_be_revoked_once(store):
    number, text = make(store)
    with store.write() as conn:
        assert revoke_token(conn, number, now=NOW)
        assert not revoke_token(conn, number, now=NOW)
        assert not revoke_token(conn, 999, now=NOW)
    assert find(store, text) is None


def test_a_token_ends_when_its_days_are_over(store):
    _, text = make(store, days=1)
    assert find(store, text, NOW + timedelta(hours=23))
    assert find(store, text, NOW + timedelta(days=1)) is None


def test_a_scope_is_what_was_named_or_everything_of_the_source(store):
    facts = catalogue()
    free = find(store, make(store)[1])
    assert allowed_indicators(free, facts) == {WAITING, AT_COUNTER}
    assert allowed_areas(free, facts) is None
    assert free.may_push("events")
    bound = find(
        store, make(store, indicators=[WAITING], areas=["441621"], kinds=["observations"])[1]
    )
    assert allowed_indicators(bound, facts) == {WAITING}
    areas = allowed_areas(bound, facts)
    assert "441621" in areas
    assert all(facts.areas[a].parent == "441621" for a in areas - {"441621"})
    assert len(areas) > 10
    assert bound.may_push("observations")
    assert not bound.may_push("cases")


@pytest.mark.parametrize(
    ("source", "more"),
    [
        ("nowhere", {}),
        (HALLS, {"indicators": ["PS-01"]}),
        (HALLS, {"areas": ["999"]}),
        (HALLS, {"kinds": ["files"]}),
        (None, {"areas": ["441621"]}),
    ],
)
def test_what_does_not_exist_cannot_be_in_a_scope(store, source, more):
    with pytest.raises(TokenError):
        make(store, source, **more)
    assert rows_of(store, m.api_token) == []


def test_the_last_use_is_kept_by_the_hour(store):
    _, text = make(store)
    for minutes, kept in ((0, 0), (30, 0), (61, 61)):
        at = NOW + timedelta(minutes=minutes)
        with store.write() as conn:
            note_used(conn, find_token(conn, text, now=at), now=at)
        assert find(store, text).last_used_at == NOW + timedelta(minutes=kept)


def test_a_source_nobody_brings_is_not_shown_until_a_token_is_made(store):
    def shown():
        with store.read() as conn:
            rows = source_rows(conn, catalogue(), read_keys(conn), now=NOW, waiting=False)
        return {row["key"]: row["state"] for row in rows}

    assert HALLS not in shown()
    make(store)
    assert shown()[HALLS] == "never"


@sqlite_only
def test_the_command_line_makes_lists_and_revokes(store, fresh_settings):
    fresh_settings.setenv("DATABASE_URL", store.engine.url.render_as_string(hide_password=False))
    run = CliRunner().invoke
    made = run(main, ["token", "create", HALLS, "--areas", "441621,441622", "--days", "9",
                      "--note", "紫金大厅"])  # fmt: skip
    assert made.exit_code == 0, made.output
    text = made.stdout.strip()
    assert find(store, text, now=rows_of(store, m.api_token)[0].created_at).areas == {
        "441621", "441622",
    }  # fmt: skip
    listed = run(main, ["token", "list"]).output
    for word in ("紫金大厅", HALLS, "441621, 441622", "valid", "never used"):
        assert word in listed
    assert text not in listed
    assert run(main, ["token", "revoke", "1"]).exit_code == 0
    assert "revoked" in run(main, ["token", "list"]).output
    assert run(main, ["token", "revoke", "1"]).exit_code != 0


@sqlite_only
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nowhere"], "no such source"),
        ([], "SOURCE"),
        ([HALLS, "--read"], "SOURCE"),
        ([HALLS, "--kinds", "x"], "no such kind"),
        ([HALLS, "--days", "0"], "days"),
    ],
)
def test_the_command_line_says_what_is_wrong(store, fresh_settings, words, said):
    fresh_settings.setenv("DATABASE_URL", store.engine.url.render_as_string(hide_password=False))
    answer = CliRunner().invoke(main, ["token", "create", *words])
    assert answer.exit_code != 0
    assert said in answer.output
    assert "Traceback" not in answer.output


def test_reading_tokens_are_of_no_source(store):
    _, text = make(store, None)
    found = find(store, text)
    assert (found.purpose, found.source) == ("read", None)
    assert not found.may_push("observations")
    with store.read() as conn:
        assert [r.purpose for r in token_rows(conn)] == ["read"]
