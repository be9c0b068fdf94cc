"""Accounts from a shell: make one, list them, shut and open one, another password or role."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Connection

from data.catalogue import catalogue
from data.cli.refused import Refused, no_such
from data.commands import accounts as commands
from data.commands.accounts import ROLES, AccountError, Wanted
from data.commands.audit import SHELL
from data.commands.set_up import new_link
from data.queries.accounts import account_rows, find_account
from data.queries.keys import read_keys
from data.settings import settings
from data.store import Store, open_store, utc_now
from data.vocabulary import LOCAL, Role
from data.vocabulary.people import Account

WORDS = {
    ("name", "form"): "a name has 2 to 40 of the letters a-z, 0-9, dot, hyphen and underscore, "
    "and begins with a letter or a digit",
    ("name", "taken"): "there is an account of that name already",
    ("name", "unknown"): "there is no such account",
    ("name", "disabled"): "this account is shut already",
    ("display", "missing"): "say the person's name: --display",
    ("display", "too_long"): "the person's name has at most 60 letters",
    ("department", "missing"): "an account of the role department needs --department",
    ("password", "too_short"): f"a password needs at least {settings().password_length} characters",
    ("password", "too_long"): "a password has at most 200 characters",
    ("password", "the_name"): "the password must not be the account's name",
    ("name", "no_second"): "this account has no second factor",
    ("role", "apart"): "an administrator's account never becomes another administrator's: shut it "
    "and make a new one",
    ("password", "few_kinds"): "the password has too few kinds of letters",
    ("password", "common"): "this password is too common or too simple",
}

password_file = click.option(
    "--password-file", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="its first line is the password (default: asked for, twice)",
)  # fmt: skip
role_option = click.option("--role", type=click.Choice([r.value for r in ROLES]), required=True)
department_option = click.option("--department", help="key of the catalogue (default: any)")
area_option = click.option("--area", help="code of an area (default: the whole city)")


@click.group()
def account() -> None:
    """Who may sign in: make, list, shut and open accounts."""


@account.command()
@click.argument("name")
@click.option("--display", required=True, help="the person's name, as every act shows it")
@role_option
@department_option
@area_option
@click.option("--keep-password", is_flag=True, help="not to be changed at the first sign-in")
@password_file
def add(
    name: str, display: str, role: str, department: str | None, area: str | None,
    password_file: Path | None, *, keep_password: bool,
) -> None:  # fmt: skip
    """Make an account NAME. The person chooses another password at the first sign-in."""
    _known(department, area)
    wanted = Wanted(name, display, Role(role), department, area, must_change=not keep_password)
    with _reading() as conn:
        if find_account(conn, name) is not None:
            raise Refused(WORDS["name", "taken"])
    password = _password(password_file)
    _do(
        lambda conn: commands.create(
            conn, catalogue(), read_keys(conn), wanted, password, by=SHELL, now=utc_now()
        )
    )
    _say(f"account {name} is made: {role}, {_scope(department, area)}")


@account.command("list")
def show() -> None:
    """Print every account with its role, scope and state."""
    now = utc_now()
    with _reading() as conn:
        rows = account_rows(conn)
    for row in rows:
        state = "shut" if row.disabled_at else "locked" if row.locked(now) else "open"
        seen = (
            f"last signed in {_local(row.last_seen_at)}" if row.last_seen_at else "never signed in"
        )
        more = f", {row.failed} failures" if row.failed else ""
        more += f", locked until {_local(row.locked_until)}" if row.locked(now) else ""
        more += ", must change its password" if row.must_change else ""
        _say(
            f"{row.name:<22} {state:<7} {row.role.value:<11} {_scope_of(row):<26}"
            f" {row.display}  {seen}{more}"
        )
    if not rows:
        _say("no account was ever made: python -m data account add NAME --display … --role …")


@account.command()
@click.argument("name")
def disable(name: str) -> None:
    """Shut account NAME and end its sessions."""
    _do(lambda conn: commands.disable(conn, name, by=SHELL, now=utc_now()))
    _say(f"account {name} is shut; its sessions are ended")


@account.command()
@click.argument("name")
def enable(name: str) -> None:
    """Open account NAME again, after it was shut or locked."""
    _do(lambda conn: commands.enable(conn, name, by=SHELL, now=utc_now()))
    _say(f"account {name} is open")


@account.command()
@click.argument("name")
@click.option("--keep-password", is_flag=True, help="not to be changed at the next sign-in")
@password_file
def password(name: str, password_file: Path | None, *, keep_password: bool) -> None:
    """Give account NAME another password; its sessions end and its lock opens."""
    _exists(name)
    chosen = _password(password_file)
    _do(
        lambda conn: commands.set_password(
            conn, name, chosen, by=SHELL, now=utc_now(), must_change=not keep_password
        )
    )
    _say(f"account {name} has another password; its sessions are ended")


@account.command()
@click.argument("name")
@role_option
@department_option
@area_option
def role(name: str, role: str, department: str | None, area: str | None) -> None:
    """Give account NAME another role and scope; its sessions end."""
    _known(department, area)
    wanted = Wanted(name, "", Role(role), department, area)
    _do(
        lambda conn: commands.set_role(
            conn, catalogue(), read_keys(conn), wanted, by=SHELL, now=utc_now()
        )
    )
    _say(f"account {name} is {role} now, {_scope(department, area)}; its sessions are ended")


@account.command("setup-link")
@click.option("--start", is_flag=True, help="say nothing where there are accounts")
def setup_link(*, start: bool) -> None:
    """Print a one-time link that makes the first accounts. One printed before is dead."""
    with _store() as store, store.write() as conn:
        word = new_link(conn, now=utc_now())
    if word or not start:
        _say(setup_words(word))


def setup_words(word: str | None) -> str:
    """Return what a start says of the set-up link, "" where there are accounts already."""
    if word is None:
        return "there are accounts, or this is a demonstration: no set-up link"
    config = settings()
    base = config.public_url.rstrip("/") or f"http://{config.host}:{config.port}"
    return f"first accounts, once, within 24 hours: {base}/setup?word={word}"


@account.command("drop-second")
@click.argument("name")
def drop_second(name: str) -> None:
    """Take the second factor of account NAME away, for somebody who lost it."""
    _do(lambda conn: commands.drop_second(conn, name, by=SHELL, now=utc_now()))
    _say(f"account {name} has no second factor any more; its sessions are ended")


@contextmanager
def _store() -> Iterator[Store]:
    """Open the store for one question; a command asks it more than once."""
    store = open_store()
    try:
        yield store
    finally:
        store.dispose()


@contextmanager
def _reading() -> Iterator[Connection]:
    with _store() as store, store.read() as conn:
        yield conn


def _do(act: Callable[[Any], Any]) -> None:
    try:
        with _store() as store, store.write() as conn:
            act(conn)
    except AccountError as wrong:
        raise Refused(WORDS.get((wrong.field, wrong.reason), str(wrong))) from None


def _exists(name: str) -> None:
    with _reading() as conn:
        if find_account(conn, name) is None:
            raise Refused(no_such("account", name, _names(account_rows(conn))))


def _names(rows: Iterable[Account]) -> list[str]:
    return [row.name for row in rows]


def _known(department: str | None, area: str | None) -> None:
    if department and department not in catalogue().departments:
        raise Refused(no_such("department", department, catalogue().departments))
    if area and area not in catalogue().areas:
        raise Refused(no_such("area", area, catalogue().areas))


def _password(path: Path | None) -> str:
    """Return the password of a file, or the one that is typed twice; never one of the command."""
    if path is None:
        return str(click.prompt("password", hide_input=True, confirmation_prompt=True))
    lines = path.read_text(encoding="utf-8").splitlines()
    if not lines or not lines[0]:
        raise Refused(f"{path.name} holds no password in its first line")
    return lines[0]


def _scope(department: str | None, area: str | None) -> str:
    return f"{department or 'any department'}, {area or 'whole city'}"


def _scope_of(row: Account) -> str:
    return _scope(row.department, row.area)


def _local(at: Any) -> str:
    return f"{at.astimezone(LOCAL):%Y-%m-%d %H:%M}"


def _say(text: str) -> None:
    # Bytes, so that Chinese arrives whatever the shell's locale is.
    click.echo(text.encode(errors="replace"))
