"""Duties kept apart, second factors, set-up, displays, ages of passwords, addresses at the door."""

from __future__ import annotations

from datetime import timedelta

import pytest

from data import models as m
from data.catalogue import catalogue
from data.commands import accounts, displays, second_factor, set_up, sign_in, totp
from data.commands.accounts import AccountError, Wanted
from data.commands.audit import By
from data.commands.displays import DisplayError, digest
from data.commands.passwords import Policy, weakness
from data.commands.set_up import First
from data.queries.accounts import find_account
from data.queries.displays import display_of, display_rows
from data.queries.keys import read_keys
from data.settings import settings
from data.vocabulary import Role
from tests.conftest import NOW
from tests.store.people import GOOD, OTHER, make, quick  # noqa: F401
from tests.store.support import rows_of

pytestmark = pytest.mark.usefixtures("quick")

KEY = "k" * 40
SECURITY = By(None, "set-up", "security", "10.0.0.1")


def found(store, name="wang.min"):
    with store.read() as conn:
        return find_account(conn, name)[0]


def refused(field, reason):
    return pytest.raises(AccountError, match=f"{field}: {reason}")


# ---- duties kept apart ----


@pytest.mark.parametrize("role", [r.value for r in Role if r is not Role.SECURITY])
def test_nobody_but_the_security_administrator_touches_accounts(store, role):
    make(store)
    by = By(9, "x", role, "10.0.0.1")
    with store.write() as conn:
        keys, wanted = read_keys(conn), Wanted("new.one", "新", Role.VIEWER)
        with refused("by", "role"):
            accounts.create(conn, catalogue(), keys, wanted, GOOD, by=by, now=NOW)
        for act in (accounts.disable, accounts.enable, accounts.end_sessions, accounts.drop_second):
            with refused("by", "role"):
                act(conn, "wang.min", by=by, now=NOW)
        with refused("by", "role"):
            accounts.set_password(conn, "wang.min", OTHER, by=by, now=NOW)
        with refused("by", "role"):
            accounts.set_role(conn, catalogue(), keys, Wanted("wang.min", "", Role.SYSTEM),
                              by=by, now=NOW)  # fmt: skip


@pytest.mark.parametrize("before", ["system", "security", "auditor"])
@pytest.mark.parametrize("after", ["system", "security", "auditor"])
def test_no_account_goes_from_one_administrator_to_another(store, before, after):
    make(store, "chen.yi", Role(before))
    make(store, "other.security", Role.SECURITY)
    with store.write() as conn:
        wanted = Wanted("chen.yi", "", Role(after))
        if before == after:
            accounts.set_role(conn, catalogue(), read_keys(conn), wanted, by=SECURITY, now=NOW)
            return
        with refused("role", "apart"):
            accounts.set_role(conn, catalogue(), read_keys(conn), wanted, by=SECURITY, now=NOW)


def test_nobody_changes_their_own_account_and_the_last_one_stays(store):
    number = make(store, "only.one", Role.SECURITY)
    own, other = By(number, "x", "security", "10.0.0.1"), By(77, "y", "security", "10.0.0.1")
    with store.write() as conn:
        with refused("name", "own"):
            accounts.disable(conn, "only.one", by=own, now=NOW)
        with refused("name", "last"):
            accounts.disable(conn, "only.one", by=other, now=NOW)
        with refused("name", "last"):
            accounts.set_role(conn, catalogue(), read_keys(conn),
                              Wanted("only.one", "", Role.VIEWER), by=other, now=NOW)  # fmt: skip


# ---- passwords ----


def test_what_a_password_must_be_is_the_houses_word():
    strict = Policy(12, 3)
    assert weakness("河源的夜很安静", "x", Policy(7)) is None
    assert weakness("short-One1", "x", strict) == "too_short"
    assert weakness("alllowercaseletters", "x", strict) == "few_kinds"
    assert weakness("Three-kinds-here", "x", strict) is None


def test_an_old_password_must_be_changed_at_the_next_sign_in(store, fresh_settings):
    fresh_settings.setenv("ZHIZHI_PASSWORD_DAYS", "90")
    settings.cache_clear()
    make(store)
    young = sign_in.sign_in(store, "wang.min", GOOD, now=NOW + timedelta(days=89))
    assert not young.must_change
    old = sign_in.sign_in(store, "wang.min", GOOD, now=NOW + timedelta(days=90))
    assert old.must_change
    assert found(store).must_change
    sign_in.change_password(store, found(store), GOOD, OTHER, OTHER,
                            now=NOW + timedelta(days=90), origin="")  # fmt: skip
    assert not found(store).must_change


def test_an_address_that_fails_too_often_must_rest_whatever_the_names(store):
    make(store)
    for n in range(sign_in.ADDRESS_FAILURES):
        sign_in.sign_in(store, f"nobody{n}", "x", now=NOW, origin="10.1.1.1")
    with pytest.raises(sign_in.Slowed) as slowed:
        sign_in.sign_in(store, "wang.min", GOOD, now=NOW, origin="10.1.1.1")
    assert 0 < slowed.value.seconds <= 120
    assert sign_in.sign_in(store, "wang.min", GOOD, now=NOW, origin="10.1.1.2"), "others go on"
    later = NOW + timedelta(minutes=3)
    assert sign_in.sign_in(store, "wang.min", GOOD, now=later, origin="10.1.1.1")
    assert sign_in.address_lock(10**6) == timedelta(hours=1)


def test_a_quiet_hour_forgets_an_address(store):
    sign_in.sign_in(store, "nobody", "x", now=NOW, origin="10.1.1.1")
    sign_in.sign_in(store, "nobody", "x", now=NOW + timedelta(hours=2), origin="10.1.1.2")
    assert [r.origin for r in rows_of(store, m.door_address)] == ["10.1.1.2"]


# ---- second factor ----

RFC_6238 = [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")]


@pytest.mark.parametrize(("at", "code"), RFC_6238)
def test_codes_are_those_of_the_standard(at, code):
    secret = b"12345678901234567890"
    assert totp.code_at(secret, at // 30) == code
    assert totp.step_of(secret, code, at) == at // 30
    assert totp.step_of(secret, f" {code[:3]} {code[3:]} ", at + 30) == at // 30
    assert totp.step_of(secret, code, at + 90) is None


@pytest.mark.parametrize(
    "code", ["", "12345", "1234567", "abcdef", "１２３４５６", "\x00" * 6, "-12345"]
)
def test_what_is_no_code_is_none(code):
    assert totp.step_of(b"x" * 20, code, 59) is None


def begin(store, nonce="n" * 32, now=NOW):
    code = totp.code_at(totp.secret_of(KEY, nonce), int(now.timestamp() // 30))
    return second_factor.begin_second(
        store, found(store), nonce, code, key=KEY, now=now, origin="10.0.0.1"
    )


def check(store, code, now, epoch=None):
    account = found(store)
    return second_factor.check_second(
        store, account.id, account.epoch if epoch is None else epoch, code,
        key=KEY, now=now, origin="10.0.0.1",
    )  # fmt: skip


def code_of(now, nonce="n" * 32):
    return totp.code_at(totp.secret_of(KEY, nonce), int(now.timestamp() // 30))


def test_a_code_opens_once_and_only_in_its_time(store):
    make(store)
    begin(store)
    assert found(store).second
    assert check(store, code_of(NOW), NOW) is None, "the one it began with was used"
    later = NOW + timedelta(minutes=2)
    assert check(store, code_of(later), later + timedelta(minutes=5)) is None
    assert check(store, code_of(later), later).name == "wang.min"
    assert check(store, code_of(later), later) is None, "seen over a shoulder it opens nothing"


def test_the_store_alone_makes_no_code(store):
    make(store)
    begin(store)
    kept = rows_of(store, m.account)[0]
    assert code_of(NOW) != totp.code_at(totp.secret_of("", kept.second_nonce), 1)
    assert KEY not in str(kept)


def test_recovery_codes_open_once_and_are_kept_as_hashes(store):
    make(store)
    codes = begin(store)
    assert len(set(codes)) == 10
    assert not any(code in str(rows_of(store, m.recovery_code)) for code in codes)
    assert check(store, codes[0].upper(), NOW)
    assert check(store, codes[0], NOW) is None
    assert check(store, codes[1], NOW)


def test_wrong_codes_lock_the_account_and_a_right_password_does_not_open_it(store):
    make(store)
    begin(store)
    for _ in range(sign_in.FAILURES):
        sign_in.sign_in(store, "wang.min", GOOD, now=NOW)
        assert check(store, "000000", NOW) is None
    assert found(store).locked(NOW)
    later = NOW + timedelta(minutes=1)
    assert check(store, code_of(later), later) is None
    after = NOW + timedelta(hours=25)
    assert check(store, code_of(after), after)
    assert found(store).failed == 0


def test_a_code_is_for_the_session_that_asked_and_not_for_a_shut_account(store):
    make(store)
    make(store, "other.security", Role.SECURITY)
    begin(store)
    later = NOW + timedelta(minutes=2)
    assert check(store, code_of(later), later, epoch=99) is None
    with store.write() as conn:
        accounts.disable(conn, "wang.min", by=SECURITY, now=NOW)
    assert check(store, code_of(later), later) is None


def test_a_second_factor_is_ended_by_its_code_or_dropped_for_whoever_lost_it(store):
    make(store)
    begin(store)
    with refused("code", "wrong"):
        second_factor.end_second(store, found(store), "1", key=KEY, now=NOW, origin="")
    later = NOW + timedelta(minutes=2)
    second_factor.end_second(store, found(store), code_of(later), key=KEY, now=later, origin="")
    assert not found(store).second
    begin(store, now=NOW + timedelta(minutes=9))
    epoch = found(store).epoch
    with store.write() as conn:
        accounts.drop_second(conn, "wang.min", by=SECURITY, now=NOW)
    assert not found(store).second
    assert found(store).epoch > epoch
    assert rows_of(store, m.recovery_code) == []


# ---- the first accounts ----


def first(store, word, *people, now=NOW):
    with store.write() as conn:
        return set_up.make_first(conn, catalogue(), word, people, now=now, origin="10.0.0.1")


TRIO = (
    First(Role.SECURITY, "an.quan", "安全", GOOD),
    First(Role.SYSTEM, "xi.tong", "系统", OTHER),
    First(Role.AUDITOR, "", "", ""),
)


def link(store, now=NOW):
    with store.write() as conn:
        return set_up.new_link(conn, now=now)


def test_the_link_makes_the_first_accounts_once(store):
    word = link(store)
    assert word not in str(rows_of(store, m.store_info))
    assert first(store, word, *TRIO) == ["an.quan", "xi.tong"]
    assert not found(store, "an.quan").must_change
    assert found(store, "xi.tong").must_change
    with refused("link", "dead"):
        first(store, word, First(Role.SECURITY, "another", "x", GOOD), TRIO[1])
    assert link(store) is None, "there are accounts: no link any more"


def test_a_link_dies_of_age_and_of_a_newer_one(store):
    old, new = link(store), link(store)
    with refused("link", "dead"):
        first(store, old, *TRIO)
    with refused("link", "dead"):
        first(store, new, *TRIO, now=NOW + timedelta(hours=25))
    with refused("link", "dead"):
        first(store, "", *TRIO)


def test_of_a_refused_form_nothing_is_kept(store):
    word = link(store)
    with refused("system-password", "too_short"):
        first(store, word, TRIO[0], First(Role.SYSTEM, "xi.tong", "系统", "x"))
    with refused("roles", "missing"):
        first(store, word, TRIO[0])
    with refused("system-name", "taken"):
        first(store, word, TRIO[0], First(Role.SYSTEM, "an.quan", "系统", OTHER))
    assert rows_of(store, m.account) == []
    assert first(store, word, *TRIO)


def test_a_demonstration_has_no_link(store):
    with store.write() as conn:
        conn.execute(m.store_info.insert().values(key="demo", value="true"))
    assert link(store) is None


# ---- displays ----


def offered(store, name="大厅一号", by=SECURITY, now=NOW):
    with store.write() as conn:
        return displays.offer(conn, name, by=by, now=now)


def enrolled(store, code, now=NOW):
    with store.write() as conn:
        return displays.enrol(conn, code, now=now, origin="10.2.2.2")


def test_a_code_makes_one_display_once(store):
    code = offered(store)
    made = enrolled(store, code.lower().replace("-", " "))
    assert made.name == "大厅一号"
    assert enrolled(store, code) is None
    row = rows_of(store, m.screen)[0]
    assert made.secret not in str(row)
    assert code.replace("-", "") not in str(rows_of(store, m.display_code))
    with store.read() as conn:
        assert display_of(conn, made.id, digest(made.secret)).name == "大厅一号"
        assert display_of(conn, made.id, digest("other")) is None
        assert display_of(conn, "other", digest(made.secret)) is None


def test_a_code_is_good_for_an_hour(store):
    assert enrolled(store, offered(store), NOW + timedelta(minutes=61)) is None
    assert enrolled(store, "") is None
    assert enrolled(store, "x" * 5000) is None


def test_a_revoked_display_is_none_and_stays_in_the_list(store):
    made = enrolled(store, offered(store))
    other = By(1, "x", "system", "10.0.0.1")
    with store.write() as conn, pytest.raises(DisplayError, match="role"):
        displays.revoke(conn, made.id, by=other, now=NOW)
    with pytest.raises(DisplayError, match="role"):
        offered(store, "另一块", by=other)
    with store.write() as conn:
        assert displays.revoke(conn, made.id, by=SECURITY, now=NOW) == "大厅一号"
    with store.read() as conn:
        assert display_of(conn, made.id, digest(made.secret)) is None
        assert [d.revoked_at for d in display_rows(conn)] == [NOW]
    with store.write() as conn, pytest.raises(DisplayError):
        displays.revoke(conn, made.id, by=SECURITY, now=NOW)
    assert enrolled(store, offered(store)), "its name is free again"


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "\x00\x01"])
def test_a_display_has_a_name(store, name):
    with pytest.raises(DisplayError):
        offered(store, name)


def test_every_act_stands_in_the_audit_and_no_secret_does(store):
    make(store)
    codes = begin(store)
    code = offered(store)
    made = enrolled(store, code)
    told = rows_of(store, m.audit)
    acts = [r.act for r in told]
    assert acts == ["account_create", "second_begin", "display_offer", "display_enrol"]
    for secret in (*codes, code, made.secret, GOOD):
        assert secret not in str(told)
