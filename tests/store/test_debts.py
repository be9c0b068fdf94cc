"""The data-debt board: promises are taken, moved and closed, and every step stays."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from data import models as m
from data.catalogue import catalogue
from data.cli import main
from data.commands.debts import DebtError, Promise, close, move, take
from data.queries.debts import debt, debts
from data.queries.keys import read_keys
from tests.conftest import NOW
from tests.store.support import ZIJIN, rows_of

TODAY = date(2026, 11, 18)
SOON = TODAY + timedelta(days=7)


def promise(**more):
    facts = {
        "department": "health", "kind": "gaps", "title": "床位缺报", "owner": "李主任", "due": SOON,
        "source": "health_capacity", "area": ZIJIN, "why": "夜间无人",
    }  # fmt: skip
    return Promise(**{**facts, **more})


def put(store, *, said_by="王科长", now=NOW, **more):
    with store.write() as conn:
        return take(conn, catalogue(), read_keys(conn), promise(**more), said_by=said_by, now=now)


def board(store, *, now=NOW, ended=False):
    with store.read() as conn:
        return debts(conn, catalogue(), read_keys(conn), now=now, ended=ended)


def test_a_promise_stands_on_the_board_with_its_owner_and_day(store):
    number = put(store)
    (row,) = board(store)
    assert row["id"] == number
    assert (row["source"], row["department"], row["area"]) == ("health_capacity", "health", ZIJIN)
    assert (row["owner"], row["due"], row["state"], row["overdue"]) == (
        "李主任",
        "2026-11-25",
        "open",
        False,
    )
    assert row["said_by"] == "王科长"
    assert row["area_name"] == {"zh": "紫金县", "en": "Zijin County"}


def test_a_debt_is_overdue_the_day_after_its_day_by_the_local_calendar(store):
    put(store, due=TODAY)
    assert board(store, now=NOW)[0]["overdue"] is False
    assert board(store, now=NOW + timedelta(days=1))[0]["overdue"] is True


def test_the_soonest_due_stands_first(store):
    late, soon = put(store), put(store, due=TODAY, kind="zeros")
    assert [d["id"] for d in board(store)] == [soon, late]


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"owner": "  "}, "owner", "missing"),
        ({"title": "\u200b"}, "title", "missing"),
        ({"owner": "x" * 61}, "owner", "too_long"),
        ({"said_by": ""}, "said_by", "missing"),
        ({"due": TODAY - timedelta(days=1)}, "due", "past"),
        ({"due": TODAY + timedelta(days=400)}, "due", "too_far"),
        ({"department": "nowhere"}, "department", "unknown"),
        ({"source": "nowhere"}, "source", "unknown"),
        ({"area": "nowhere"}, "area", "unknown"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_field_and_reason(store, changes, field, reason):
    with pytest.raises(DebtError) as wrong:
        put(store, **changes)
    assert (wrong.value.field, wrong.value.reason) == (field, reason)
    assert board(store) == []


def test_the_same_debt_is_taken_once_while_it_is_open(store):
    number = put(store)
    with pytest.raises(DebtError, match="taken"):
        put(store)
    put(store, area=None)
    with store.write() as conn:
        close(conn, number, state="kept", said_by="王", note="补报完成", now=NOW)
    assert put(store) > number


def test_what_cannot_be_seen_is_no_part_of_a_name(store):
    put(store, owner="李\u202e 主\x00任\n")
    assert board(store)[0]["owner"] == "李 主 任"


def test_a_closed_debt_leaves_the_board_and_stays_among_the_ended(store):
    number = put(store)
    with store.write() as conn:
        close(conn, number, state="broken", said_by="王科长", note="未按期补报", now=NOW)
    assert board(store) == []
    (row,) = board(store, ended=True)
    assert (row["state"], row["note"], row["overdue"]) == ("broken", "未按期补报", False)
    assert board(store, ended=True, now=NOW + timedelta(weeks=13)) == []


def test_a_moved_debt_keeps_its_old_owner_and_day_in_its_story(store):
    number = put(store)
    with store.write() as conn:
        move(
            conn,
            number,
            owner="赵副局长",
            due=SOON + timedelta(days=7),
            said_by="王",
            note="换人",
            now=NOW,
        )
    story = [(e.action, e.owner, e.due) for e in rows_of(store, m.data_debt_event)]
    assert story == [("take", "李主任", SOON), ("move", "赵副局长", SOON + timedelta(days=7))]


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"number": 99}, "debt", "unknown"),
        ({"state": "open"}, "state", "unknown"),
        ({"note": ""}, "note", "missing"),
        ({"said_by": ""}, "said_by", "missing"),
    ],
)
def test_a_debt_is_closed_by_somebody_with_a_reason(store, changes, field, reason):
    said = {"number": put(store), "state": "kept", "said_by": "王", "note": "好了", **changes}
    with pytest.raises(DebtError) as wrong, store.write() as conn:
        close(conn, said.pop("number"), **said, now=NOW)
    assert (wrong.value.field, wrong.value.reason) == (field, reason)
    assert len(board(store)) == 1


def test_a_closed_debt_is_not_closed_again(store):
    number = put(store)
    with store.write() as conn:
        close(conn, number, state="kept", said_by="王", note="好了", now=NOW)
    with pytest.raises(DebtError, match="closed"), store.write() as conn:
        close(conn, number, state="dropped", said_by="王", note="算了", now=NOW)


@pytest.mark.parametrize(
    "statement", ["update data_debt_event set said_by = 'x'", "delete from data_debt_event"]
)
def test_the_story_of_a_debt_cannot_be_changed(store, statement):
    put(store)
    with pytest.raises(DatabaseError, match="append-only"), store.write() as conn:
        conn.execute(text(statement))


def test_one_debt_is_found_by_its_number(store):
    number = put(store, source=None, area=None)
    with store.read() as conn:
        keys = read_keys(conn)
        assert debt(conn, catalogue(), keys, number, now=NOW)["source"] is None
        assert debt(conn, catalogue(), keys, 99, now=NOW) is None


# ---- from a shell ----


@pytest.fixture
def shell(store, monkeypatch):
    monkeypatch.setattr("data.cli.debt.open_store", lambda: store)
    monkeypatch.setattr("data.cli.debt.utc_now", lambda: NOW)

    def run(*words):
        return CliRunner().invoke(main, ["debt", *words])

    return run


ADD = (
    "add",
    "--department",
    "health",
    "--title",
    "床位缺报",
    "--owner",
    "李主任",
    "--by",
    "王科长",
)


def test_a_debt_is_added_listed_and_closed_from_a_shell(shell):
    assert shell(*ADD, "--due", "2026-11-29").exit_code == 0
    listed = shell("list").output
    assert "1  open    2026-11-29  health: 床位缺报 (李主任)" in listed
    assert shell("close", "1", "--state", "kept", "--note", "补报", "--by", "王").exit_code == 0
    assert "no debts" in shell("list").output
    assert '"state": "kept"' in shell("list", "--ended", "--json").output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((*ADD, "--due", "tomorrow"), "due: not_a_date"),
        ((*ADD, "--due", "2020-01-01"), "due: past"),
        (("close", "5", "--state", "kept", "--note", "x", "--by", "y"), "debt: unknown"),
    ],
)
def test_the_shell_says_what_is_wrong_and_leaves_nothing(shell, words, said):
    answer = shell(*words)
    assert answer.exit_code == 2
    assert said in answer.output
    assert "Traceback" not in answer.output
