"""`python -m data account`: what whoever has the shell can do, and what it says when it cannot."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from data import models as m
from data.cli import main
from data.commands.passwords import matches
from data.commands.sign_in import FAILURES, sign_in
from data.store import utc_now
from tests.store.people import GOOD, OTHER, make, quick  # noqa: F401
from tests.store.support import ZIJIN, rows_of

pytestmark = pytest.mark.usefixtures("quick")
MIN = ("add", "wang.min", "--display", "王敏", "--role", "operator")


@pytest.fixture
def run(store, fresh_settings):
    fresh_settings.setenv("DATABASE_URL", store.engine.url.render_as_string(hide_password=False))

    def run(*words, typed=""):
        answer = CliRunner().invoke(main, ["account", *words], input=typed)
        assert answer.exception is None or isinstance(answer.exception, SystemExit), answer
        return answer

    return run


def only(store):
    (row,) = rows_of(store, m.account)
    return row


def test_an_account_is_made_with_a_password_typed_twice_and_shown_nowhere(run, store):
    answer = run(*MIN, "--area", ZIJIN, typed=f"{GOOD}\n{GOOD}\n")
    assert answer.exit_code == 0, answer.output
    assert GOOD not in answer.output
    row = only(store)
    assert matches(row.password, GOOD)
    assert (row.role, row.must_change) == ("operator", True)
    (entry,) = rows_of(store, m.audit)
    assert (entry.actor, entry.act, entry.after["area"]) == ("shell", "account_create", ZIJIN)


def test_two_passwords_that_differ_are_asked_for_again(run, store):
    answer = run(*MIN, typed=f"{GOOD}\n{OTHER}\n{GOOD}\n{GOOD}\n")
    assert answer.exit_code == 0
    assert matches(only(store).password, GOOD)


def test_a_password_comes_from_a_file_but_never_from_the_command(run, store, tmp_path):
    path = tmp_path / "password"
    path.write_text(f"{GOOD}\nthe rest is not it\n", encoding="utf-8")
    assert run(*MIN, "--password-file", str(path), "--keep-password").exit_code == 0
    assert matches(only(store).password, GOOD)
    assert only(store).must_change is False
    assert run(*MIN, "--password", GOOD).exit_code == 2
    path.write_text("\n", encoding="utf-8")
    assert "no password" in run("password", "wang.min", "--password-file", str(path)).output


@pytest.mark.parametrize(
    ("words", "typed", "said"),
    [
        ((*MIN, "--area", "999"), "", "no such area: 999"),
        ((*MIN, "--department", "watr"), "", "nearest: water"),
        ((*MIN[:-1], "department"), GOOD, "needs --department"),
        ((*MIN[:-1], "king"), "", "is not one of"),
        ((*MIN[:-1], "system_actor"), "", "is not one of"),
        ((MIN[0], "王敏", *MIN[2:]), GOOD, "a name has 2 to 40"),
        (MIN, "short", "at least 10 characters"),
        (MIN, "1234567890", "too common"),
        (("disable", "nobody"), "", "no such account"),
        (("enable", "nobody"), "", "no such account"),
        (("password", "nobody"), "", "no such account: nobody"),
        (("role", "nobody", "--role", "leader"), "", "no such account"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_changes_nothing(run, store, words, typed, said):
    answer = run(*words, typed=f"{typed}\n{typed}\n")
    assert answer.exit_code == 2
    assert said in answer.output
    assert "Traceback" not in answer.output
    assert rows_of(store, m.account) == []
    assert rows_of(store, m.audit) == []


def test_a_taken_name_is_said_before_a_password_is_asked_for(run, store):
    make(store)
    answer = run(*MIN)
    assert answer.exit_code == 2
    assert "already" in answer.output
    assert "password" not in answer.output


def test_the_list_says_who_is_shut_locked_or_must_change(run, store):
    assert "no account was ever made" in run("list").output
    make(store, must_change=True)
    make(store, "li.si", display="李四", area=ZIJIN)
    make(store, "gone", display="赵六")
    for _ in range(FAILURES):
        sign_in(store, "li.si", OTHER, now=utc_now())
    run("disable", "gone")
    lines = {line.split()[0]: line for line in run("list").output.splitlines()}
    assert "must change its password" in lines["wang.min"]
    assert "never signed in" in lines["wang.min"]
    assert "locked" in lines["li.si"]
    assert "10 failures" in lines["li.si"]
    assert ZIJIN in lines["li.si"]
    assert "shut" in lines["gone"]
    assert "argon2" not in str(lines)


def test_shut_open_another_role_another_password(run, store):
    make(store)
    assert run("disable", "wang.min").exit_code == 0
    assert only(store).disabled_at is not None
    assert "already" in run("disable", "wang.min").output
    assert run("enable", "WANG.MIN").exit_code == 0
    assert only(store).disabled_at is None
    answer = run("role", "wang.min", "--role", "department", "--department", "water")
    assert answer.exit_code == 0, answer.output
    assert only(store).role == "department"
    assert run("password", "wang.min", typed=f"{OTHER}\n{OTHER}\n").exit_code == 0
    assert matches(only(store).password, OTHER)
    assert only(store).must_change is True
    assert only(store).epoch == 4
    assert [r.act for r in rows_of(store, m.audit)] == [
        "account_create", "account_disable", "account_enable", "account_role", "account_password",
    ]  # fmt: skip
