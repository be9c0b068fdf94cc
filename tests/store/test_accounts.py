"""Accounts: made, shut, locked, changed; every act in the audit, no password anywhere in it."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy.exc import DatabaseError

from data import models as m
from data.catalogue import catalogue
from data.commands import accounts as commands
from data.commands.accounts import AccountError, Wanted
from data.commands.audit import SHELL, By
from data.commands.demo_accounts import NoDemoError, make_demo_accounts, wanted_accounts
from data.commands.sign_in import (
    FAILURES,
    change_password,
    lock_after,
    sign_in,
    sign_out,
    still_holds,
)
from data.queries.accounts import (
    account_by_id,
    account_in_session,
    account_rows,
    demo_accounts,
    demo_password,
    find_account,
)
from data.queries.keys import read_keys
from data.queries.scope import NOTHING, scope_of
from data.vocabulary import Role
from tests.conftest import NOW
from tests.store.people import GOOD, OTHER, make, quick  # noqa: F401
from tests.store.support import CITY, YUANCHENG, ZIJIN, rows_of

pytestmark = pytest.mark.usefixtures("quick")
MINUTE = timedelta(minutes=1)


def found(store, name="wang.min"):
    with store.read() as conn:
        return find_account(conn, name)[0]


def acts(store):
    return [(r.act, r.object, r.outcome) for r in rows_of(store, m.audit)]


def enter(store, password=GOOD, name="wang.min", now=NOW):
    return sign_in(store, name, password, now=now, origin="10.1.2.3")


def in_session(store, number, epoch=1, session="s1"):
    with store.read() as conn:
        return account_in_session(conn, number, epoch=epoch, session=session)


# ---- make ----


def test_an_account_has_a_role_and_a_scope_and_keeps_only_a_hash(store):
    number = make(store, role=Role.DEPARTMENT, department="water", area=ZIJIN)
    account = found(store)
    assert (account.id, account.role, account.department, account.area) == (
        number, Role.DEPARTMENT, "water", ZIJIN,
    )  # fmt: skip
    (row,) = rows_of(store, m.account)
    assert row.password.startswith("$argon2id$")
    ((act, what, outcome),) = acts(store)
    assert (act, what, outcome) == ("account_create", "account/wang.min", "done")
    assert GOOD not in json.dumps([str(tuple(r)) for r in rows_of(store, m.audit)])


def test_names_are_kept_small_and_found_as_typed(store):
    make(store, "  Wang.Min ")
    assert found(store, "WANG.MIN ").name == "wang.min"


@pytest.mark.parametrize(
    ("changes", "password", "field", "reason"),
    [
        ({"name": "王敏"}, GOOD, "name", "form"),
        ({"name": "w"}, GOOD, "name", "form"),
        ({"name": "a b"}, GOOD, "name", "form"),
        ({"name": "x" * 41}, GOOD, "name", "form"),
        ({"display": " \u200b"}, GOOD, "display", "missing"),
        ({"display": "王" * 61}, GOOD, "display", "too_long"),
        ({"department": "nowhere"}, GOOD, "department", "unknown"),
        ({"area": "999"}, GOOD, "area", "unknown"),
        ({"role": Role.DEPARTMENT}, GOOD, "department", "missing"),
        ({"role": Role.SYSTEM_ACTOR}, GOOD, "role", "unknown"),
        ({}, "short", "password", "too_short"),
        ({"name": "zhang.san.feng"}, "Zhang.San.Feng1", "password", "the_name"),
    ],
)
def test_what_cannot_be_an_account_is_refused_with_field_and_reason(
    store, changes, password, field, reason
):
    facts = {"name": "wang.min", "role": Role.OPERATOR, **changes}
    with pytest.raises(AccountError) as wrong:
        make(store, password=password, **facts)
    assert (wrong.value.field, wrong.value.reason) == (field, reason)
    assert rows_of(store, m.account) == []
    assert rows_of(store, m.audit) == []


def test_a_name_is_given_once(store):
    make(store)
    with pytest.raises(AccountError, match="taken"):
        make(store, "WANG.MIN")


# ---- sign in ----


def test_the_right_password_opens_and_is_remembered_in_the_audit(store):
    number = make(store)
    assert enter(store, name=" WANG.min").id == number
    assert found(store).last_seen_at == NOW
    entry = rows_of(store, m.audit)[-1]
    assert (entry.act, entry.actor_id, entry.actor, entry.role, entry.outcome, entry.origin) == (
        "sign_in", number, "王敏", "operator", "done", "10.1.2.3",
    )  # fmt: skip


def test_a_wrong_password_and_an_unknown_name_are_one_answer(store):
    make(store)
    assert enter(store, OTHER) is None
    assert enter(store, name="nobody") is None
    assert acts(store)[1:] == [
        ("sign_in", "account/wang.min", "wrong"),
        ("sign_in", "account/?", "unknown"),
    ]


def test_what_was_typed_as_an_unknown_name_is_kept_nowhere(store):
    enter(store, name="my-password-by-mistake")
    assert "mistake" not in str([tuple(r) for r in rows_of(store, m.audit)])


def test_ten_failures_shut_an_account_even_for_the_right_password_then_it_opens(store):
    make(store)
    for _ in range(FAILURES):
        assert enter(store, OTHER) is None
    assert found(store).locked_until == NOW + 15 * MINUTE
    assert enter(store, now=NOW + 14 * MINUTE) is None
    assert acts(store)[-1][2] == "locked"
    assert enter(store, now=NOW + 15 * MINUTE) is not None
    assert (found(store).failed, found(store).locked_until) == (0, None)


def test_each_further_failure_shuts_it_twice_as_long_up_to_a_day(store):
    make(store)
    now = NOW
    for _ in range(FAILURES):
        enter(store, OTHER, now=now)
    for minutes in (30, 60, 120):
        now = found(store).locked_until
        enter(store, OTHER, now=now)
        assert found(store).locked_until - now == minutes * MINUTE
    assert lock_after(FAILURES - 1) == timedelta(0)
    assert lock_after(1000) == timedelta(hours=24)


def test_attempts_while_it_is_shut_do_not_count(store):
    make(store)
    for _ in range(FAILURES + 5):
        enter(store, OTHER)
    assert found(store).failed == FAILURES


def test_a_good_sign_in_forgives_the_failures_before(store):
    make(store)
    for _ in range(FAILURES - 1):
        enter(store, OTHER)
    assert enter(store) is not None
    assert enter(store, OTHER) is None
    assert found(store).failed == 1


# ---- shut, open, change ----


def test_a_shut_account_opens_no_more_and_its_sessions_end(store):
    number = make(store)
    assert in_session(store, number)
    with store.write() as conn:
        commands.disable(conn, "wang.min", by=SHELL, now=NOW)
    assert enter(store) is None
    assert acts(store)[-1][2] == "disabled"
    assert in_session(store, number) is None
    with store.write() as conn:
        commands.enable(conn, "wang.min", by=SHELL, now=NOW)
    assert enter(store) is not None
    assert in_session(store, number) is None
    assert in_session(store, number, epoch=2)


def test_shutting_what_is_shut_or_unknown_is_refused(store):
    make(store)
    with store.write() as conn:
        commands.disable(conn, "wang.min", by=SHELL, now=NOW)
        with pytest.raises(AccountError, match="disabled"):
            commands.disable(conn, "wang.min", by=SHELL, now=NOW)
        for act in (commands.disable, commands.enable, commands.end_sessions):
            with pytest.raises(AccountError, match="unknown"):
                act(conn, "nobody", by=SHELL, now=NOW)


def test_another_password_ends_sessions_opens_a_lock_and_must_be_changed(store):
    number = make(store)
    for _ in range(FAILURES):
        enter(store, OTHER)
    with store.write() as conn:
        commands.set_password(conn, "wang.min", "初始口令 2026 甲乙丙", by=SHELL, now=NOW)
    assert enter(store) is None
    account = enter(store, "初始口令 2026 甲乙丙")
    assert (account.id, account.must_change, account.epoch) == (number, True, 2)


def test_ones_own_password_is_changed_and_every_other_session_ends(store):
    number = make(store, must_change=True)
    epoch = change_password(store, found(store), GOOD, OTHER, OTHER, now=NOW, origin="x")
    assert (epoch, found(store).epoch, found(store).must_change) == (2, 2, False)
    assert enter(store) is None
    assert enter(store, OTHER).id == number


@pytest.mark.parametrize(
    ("old", "new", "again", "field", "reason"),
    [
        (OTHER, OTHER, OTHER, "old", "wrong"),
        (GOOD, OTHER, OTHER + "x", "again", "differs"),
        (GOOD, GOOD, GOOD, "password", "same"),
        (GOOD, "1234567890", "1234567890", "password", "common"),
    ],
)
def test_a_password_that_cannot_be_changed_stays(store, old, new, again, field, reason):
    make(store)
    with pytest.raises(AccountError) as wrong:
        change_password(store, found(store), old, new, again, now=NOW, origin="x")
    assert (wrong.value.field, wrong.value.reason) == (field, reason)
    assert enter(store) is not None
    assert found(store).epoch == 1


def test_a_wrong_present_password_counts_as_a_failure(store):
    make(store)
    for _ in range(FAILURES):
        with pytest.raises(AccountError):
            change_password(store, found(store), OTHER, GOOD, GOOD, now=NOW, origin="x")
    assert found(store).locked(NOW)


def test_another_role_takes_hold_at_once_and_tells_before_and_after(store):
    number = make(store, area=ZIJIN)
    wanted = Wanted("wang.min", "", Role.DEPARTMENT, "water", None)
    with store.write() as conn:
        commands.set_role(conn, catalogue(), read_keys(conn), wanted, by=SHELL, now=NOW)
    assert (found(store).role, found(store).department, found(store).area) == (
        Role.DEPARTMENT, "water", None,
    )  # fmt: skip
    assert in_session(store, number) is None
    entry = rows_of(store, m.audit)[-1]
    assert entry.before == {"role": "operator", "department": None, "area": ZIJIN}
    assert entry.after["role"] == "department"


# ---- sessions ----


def test_signing_out_ends_that_session_in_the_store_and_no_other(store):
    number = make(store)
    with store.write() as conn:
        sign_out(conn, By(number, "王敏", "operator"), "s1", now=NOW)
    assert in_session(store, number, session="s1") is None
    assert in_session(store, number, session="s2")


def test_all_sessions_end_when_the_epoch_is_raised(store):
    number = make(store)
    with store.write() as conn:
        commands.end_sessions(conn, "wang.min", by=SHELL, now=NOW)
    assert in_session(store, number) is None
    with store.read() as conn:
        assert account_by_id(conn, number).epoch == 2


@pytest.mark.parametrize(
    ("begun", "seen", "holds"),
    [
        (0, 0, True),
        (-1799, -1799, True),
        (-1800, -1800, False),
        (-12 * 3600 + 1, -10, True),
        (-12 * 3600, -10, False),
        (-10, -1800, False),
        (61, 0, False),
        (0, 61, False),
        (0, 30, True),
    ],
)
def test_a_session_is_neither_idle_nor_old_nor_of_the_future(begun, seen, holds):
    limits = {"idle": timedelta(minutes=30), "longest": timedelta(hours=12)}
    now = NOW.timestamp()
    assert still_holds(begun=now + begun, seen=now + seen, now=now, **limits) is holds


# ---- the audit ----


def test_the_audit_is_never_changed_or_removed(store):
    make(store)
    for change in (m.audit.update().values(outcome="x"), m.audit.delete()):
        with pytest.raises(DatabaseError), store.write() as conn:
            conn.execute(change)
    assert acts(store)[0][2] == "done"


# ---- scope ----


def reach(role=Role.OPERATOR, department=None, area=None):
    return scope_of(catalogue(), role=role, department=department, area=area)


def test_the_city_reaches_everything_and_a_county_itself_and_its_towns():
    assert reach().areas is None
    assert reach(area=CITY).areas == frozenset(catalogue().areas)
    county = reach(area=YUANCHENG)
    assert YUANCHENG in county.areas
    assert all(a in county.areas for a in catalogue().areas if a.startswith(YUANCHENG))
    assert not {CITY, ZIJIN} & county.areas
    assert county.covers(YUANCHENG, ["water"])
    assert not county.covers(ZIJIN, ["water"])


def test_a_department_reaches_only_what_it_leads_or_has_a_task_in():
    water = reach(Role.DEPARTMENT, "water")
    assert water.covers(ZIJIN, ["emergency", "water"])
    assert not water.covers(ZIJIN, ["emergency"])
    assert reach(Role.OPERATOR, "water").departments is None


def test_what_the_catalogue_does_not_know_reaches_nothing():
    assert not reach(area="999").covers(CITY, ["water"])
    assert not reach(Role.DEPARTMENT, "gone").covers(CITY, ["gone"])
    assert not reach(Role.DEPARTMENT, None).covers(CITY, ["water"])
    assert not NOTHING.covers(CITY, ["water"])


# ---- a demonstration ----


def test_ready_accounts_are_made_in_a_demonstration_only_and_once(store):
    with pytest.raises(NoDemoError), store.write() as conn:
        make_demo_accounts(conn, catalogue(), now=NOW)
    assert rows_of(store, m.account) == []
    with store.write() as conn:
        conn.execute(m.store_info.insert().values(key="demo", value="true"))
        password = make_demo_accounts(conn, catalogue(), now=NOW)
        assert make_demo_accounts(conn, catalogue(), now=NOW) == password
    with store.read() as conn:
        names = [a.name for a in demo_accounts(conn)]
        assert demo_password(conn) == password
        assert {a.role for a in account_rows(conn)} == {
            Role.OPERATOR, Role.DEPARTMENT, Role.LEADER, Role.STEWARD, Role.VIEWER,
            Role.SECURITY, Role.AUDITOR,
        }  # fmt: skip
    assert names == [w.name for w in wanted_accounts(catalogue())]
    assert len(names) == 17 + len(catalogue().counties())
    assert enter(store, password, "operator-city") is not None
    assert commands.weakness(password, "operator-city") is None


def test_a_store_that_has_accounts_gets_no_ready_ones(store):
    make(store)
    with store.write() as conn:
        conn.execute(m.store_info.insert().values(key="demo", value="true"))
        assert make_demo_accounts(conn, catalogue(), now=NOW) == ""
    assert len(rows_of(store, m.account)) == 1
