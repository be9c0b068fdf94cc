"""Who acts. The one place that says it: everything that asks for a person asks here.

A session is a signed cookie: the account, its epoch, when it began, when it was last touched, and
a name of its own by which signing out ends it in the store. Nothing is believed that the store does
not confirm with each request. To harden it, harden this module.

A print has no session: its ticket opens one page, once (`callbacks/print_ticket.py`).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, cast

from flask import Flask, Response, current_app, g, jsonify, request, session
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from sqlalchemy.exc import SQLAlchemyError

from callbacks import print_ticket
from callbacks.csrf import form_token
from callbacks.secret_key import secret_key
from callbacks.session_bounds import bound_to
from components.person import Signed
from data.cases.loop import Actor
from data.catalogue import Catalogue
from data.commands.audit import SHELL, By
from data.commands.print_ticket import spend
from data.commands.sign_in import still_holds
from data.logs import logger
from data.queries.accounts import account_in_session
from data.queries.scope import NOTHING, Scope, scope_of
from data.settings import Settings
from data.store import Store, utc_now
from data.vocabulary import Role
from data.vocabulary.people import APART, Account

log = logger("identity")
Clock = Callable[[], datetime]

BEGUN, SEEN, OWN = "begun", "seen", "own"
"""Of a session: when it began, when a hand last touched it (epoch seconds), its own name."""

NUDGE_S = 20
"""A session that was touched so recently is not written again."""


class NotSignedIn(Exception):  # noqa: N818 - the name the pages use
    """Nobody is signed in, or the session ended."""


class Refused(Exception):  # noqa: N818 - the name the pages use
    """Somebody is signed in who may not do this."""

    def __init__(self, actor: Actor, roles: frozenset[Role]) -> None:
        super().__init__(f"{actor.role} may not: {', '.join(sorted(roles))}")
        self.actor, self.roles = actor, roles


class StoreLost(Exception):  # noqa: N818 - no error of the program
    """The store cannot say who this is now."""


class Person(UserMixin):  # type: ignore[misc]
    """An account as Flask-Login wants it."""

    def __init__(self, account: Account) -> None:
        self.account = account

    def get_id(self) -> str:
        """Return what the session keeps: the account and its epoch."""
        return f"{self.account.id}.{self.account.epoch}"


@dataclass(frozen=True)
class Desk:
    """What identity works with. printer: a server made for one print from the machine's shell."""

    store: Store
    catalogue: Catalogue
    idle: timedelta
    longest: timedelta
    clock: Clock
    printer: bool = False
    second: str = "optional"
    """Whose sign-in needs a code: off, optional, admins, all."""


def register(
    server: Flask, store: Store, catalogue: Catalogue, config: Settings, *, clock: Clock = utc_now
) -> None:
    """Give `server` its sessions. `clock` is for tests."""
    server.secret_key = secret_key(store, config)
    server.config.update(_cookies(config))
    idle, longest = timedelta(minutes=config.idle_minutes), timedelta(hours=config.session_hours)
    server.extensions["identity"] = Desk(
        store, catalogue, idle, longest, clock, second=config.second_factor
    )
    manager = LoginManager()
    manager.session_protection = None if config.session_binding == "none" else "strong"
    manager._session_identifier_generator = bound_to(config.session_binding)
    manager.user_loader(_load)
    # Not init_app: it would touch the session of every answer, also of files and streams, for a
    # cookie that remembers people, which nobody gets here.
    server.login_manager = manager  # type: ignore[attr-defined]
    _register_errors(server)


def open_to_shell(server: Flask) -> None:
    """Let `server` take tickets of the machine's shell: only one that was made for one print."""
    server.extensions["identity"] = replace(server.extensions["identity"], printer=True)


def _cookies(config: Settings) -> Mapping[str, Any]:
    return {
        "SESSION_COOKIE_NAME": ("__Host-" if config.https else "") + _cookie(config),
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Strict",
        "SESSION_COOKIE_SECURE": config.https,
        "SESSION_COOKIE_PATH": "/",
        "SESSION_REFRESH_EACH_REQUEST": False,
    }


def _cookie(config: Settings) -> str:
    """Return the cookie's name: an exercise beside the real system has sessions of its own."""
    return "zhizhi-exercise" if config.exercise else "zhizhi"


def clock() -> datetime:
    """Return the time by which sessions live."""
    return _desk().clock()


def _desk() -> Desk:
    return cast(Desk, current_app.extensions["identity"])


# ---- who ----


def account() -> Account | None:
    """Return whose session this is, also of one who must first choose a password.

    Raises:
        StoreLost: the store cannot be asked.
    """
    g.identity_asked = True
    if "_user_id" not in session:
        return _of_print()
    person = current_user._get_current_object()
    if g.get("identity_lost"):
        raise StoreLost
    return person.account if isinstance(person, Person) else None


def _of_print() -> Account | None:
    """Return as whom a print reads what it asks for now; asked again, the same."""
    if print_ticket.HEADER not in request.headers:
        return None
    if "identity_print" not in g:
        g.identity_print = _ticketed()
    if g.get("identity_lost"):
        raise StoreLost
    found: Account | None = g.identity_print
    return found


def _ticketed() -> Account | None:
    desk, now = _desk(), _desk().clock()
    text = request.headers[print_ticket.HEADER]
    ticket = print_ticket.read(str(current_app.secret_key), text, now=now.timestamp())
    step = print_ticket.opens(ticket, request) if ticket else None
    if ticket is None or step is None:
        return None
    try:
        with desk.store.write() as conn:
            if ticket.account == print_ticket.SHELL:
                found = _shell() if desk.printer else None
            else:
                found = account_in_session(
                    conn, ticket.account, epoch=ticket.epoch, session=ticket.session
                )
            if found is None or not spend(conn, _by_print(found), ticket.nonce, step, at=now):
                return None
    except SQLAlchemyError as error:
        log.warning("nobody can be known: the store is lost", error=str(error).split("\n")[0])
        g.identity_lost = True
        return None
    return found


def _shell() -> Account:
    """Return who prints from the machine's shell: a reader of the whole city."""
    made = _desk().clock()
    return Account(
        print_ticket.SHELL, SHELL.name, SHELL.name, Role.VIEWER, None, None,
        must_change=False, epoch=0, failed=0, created_at=made, disabled_at=None,
        locked_until=None, last_seen_at=None,
    )  # fmt: skip


def _by_print(found: Account) -> By:
    return By(found.id or None, found.display, found.role.value, origin())


def tickets_for(address: str) -> Callable[[], str]:
    """Return what makes a ticket, when its turn has come, to read one page as whoever asks now.

    Raises:
        NotSignedIn: nobody, or a print itself: a ticket is no way to another.
    """
    found, clock = account(), _desk().clock
    if found is None or "_user_id" not in session:
        raise NotSignedIn
    key, own = str(current_app.secret_key), str(session.get(OWN, ""))
    return lambda: print_ticket.issue(
        key, address, account=found.id, epoch=found.epoch, session=own, now=clock().timestamp()
    )


def asked() -> bool:
    """Return whether this answer depends on who asks: then nothing may keep it."""
    return bool(g.get("identity_asked"))


def current() -> Actor | None:
    """Return who acts, None for nobody; also while the store is lost."""
    try:
        found = account()
    except StoreLost:
        return None
    return None if found is None or unready(found) else actor_of(found)


def unready(found: Account) -> bool:
    """Return whether somebody must first choose a password, or begin their second factor."""
    return found.must_change or must_begin_second(found)


def must_begin_second(found: Account) -> bool:
    """Return whether this house asks a code of such an account, and it has none yet."""
    if found.second or found.id == print_ticket.SHELL or print_ticket.HEADER in request.headers:
        return False
    wanted = _desk().second
    return wanted == "all" or (wanted == "admins" and found.role in APART)


def actor_of(found: Account) -> Actor:
    """Return an account as somebody who acts."""
    return Actor(found.id, found.display, found.role, found.department, found.area)


def require(*roles: Role) -> Actor:
    """Return who acts, if they have one of these roles; no role named is any of them.

    Raises:
        NotSignedIn: nobody, or a session that ended.
        Refused: somebody else's work.
        StoreLost: the store cannot be asked.
    """
    found = account()
    if found is None or unready(found):
        raise NotSignedIn
    actor = actor_of(found)
    if roles and actor.role not in roles:
        raise Refused(actor, frozenset(roles))
    return actor


def scope(actor: Actor | None) -> Scope:
    """Return which areas and departments somebody may see and move; nobody: none."""
    if actor is None:
        return NOTHING
    return scope_of(
        _desk().catalogue, role=actor.role, department=actor.department, area=actor.area
    )


def by(actor: Actor) -> By:
    """Return somebody as the audit names them, with the address they act from."""
    return By(actor.id, actor.name, actor.role.value, origin())


def origin() -> str:
    """Return the address that asks."""
    return (request.remote_addr or "")[:60]


def shown() -> Signed | None:
    """Return who is signed in as the heads of pages show it."""
    try:
        found = account()
    except StoreLost:
        return None
    if found is None:
        return None
    facts = _desk().catalogue
    department = facts.departments.get(found.department or "")
    area = facts.areas.get(found.area or "")
    return Signed(
        id=found.id,
        name=found.display,
        role=found.role,
        department=(department.short or department.name) if department else None,
        area=area.name if area else None,
        token=form_token() if "_user_id" in session else "",
        left=int(seconds_left()),
    )


# ---- sessions ----


def _load(kept: str) -> Person | None:
    """Return whose session it is; nobody's if it is old, idle, ended, or the store is lost."""
    desk, now = _desk(), _desk().clock()
    number, _, epoch = kept.partition(".")
    try:
        begun, seen = float(session[BEGUN]), float(session[SEEN])
        numbers, own = (int(number), int(epoch)), str(session[OWN])
    except (KeyError, TypeError, ValueError):
        return None
    if not still_holds(
        begun=begun, seen=seen, now=now.timestamp(), idle=desk.idle, longest=desk.longest
    ):
        return None
    try:
        with desk.store.read() as conn:
            found = account_in_session(conn, numbers[0], epoch=numbers[1], session=own)
    except SQLAlchemyError as error:
        log.warning("nobody can be known: the store is lost", error=str(error).split("\n")[0])
        g.identity_lost = True
        return None
    return Person(found) if found else None


def begin(found: Account) -> None:
    """Begin a session: everything that stood in the cookie before is forgotten."""
    at = _desk().clock().timestamp()
    g.identity_asked = True
    session.clear()
    session[BEGUN] = session[SEEN] = at
    session[OWN] = secrets.token_hex(16)
    login_user(Person(found))


def end() -> str:
    """Forget this browser's session and return its own name, "" if it had none."""
    g.identity_asked = True
    own = str(session.get(OWN, ""))
    logout_user()
    session.clear()
    return own


def touch() -> None:
    """A hand moved: the time to the end of an idle session begins anew."""
    at = _desk().clock().timestamp()
    if account() is not None and SEEN in session and at - float(session[SEEN]) >= NUDGE_S:
        session[SEEN] = at


def seconds_left() -> float:
    """Return after how many seconds without a hand this session ends."""
    desk, now = _desk(), _desk().clock().timestamp()
    if SEEN not in session:
        return desk.idle.total_seconds()
    idle = float(session[SEEN]) + desk.idle.total_seconds()
    return min(idle, float(session[BEGUN]) + desk.longest.total_seconds()) - now


# ---- answers to callbacks that did not word it themselves ----


def _register_errors(server: Flask) -> None:
    @server.errorhandler(NotSignedIn)
    def unsigned(_error: NotSignedIn) -> tuple[Response, int]:
        return jsonify(error="not_signed_in"), 401

    @server.errorhandler(Refused)
    def refused(_error: Refused) -> tuple[Response, int]:
        return jsonify(error="refused"), 403

    @server.errorhandler(StoreLost)
    def lost(_error: StoreLost) -> tuple[Response, int]:
        return jsonify(error="store_lost"), 503
