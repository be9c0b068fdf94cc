"""Views of the desk that somebody keeps: by name, at most so many, one to begin with."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import parse_qsl, urlencode

from sqlalchemy import Connection, func, select
from typing_extensions import TypedDict

from data import models as m

MOST, LONGEST_NAME, LONGEST_QUERY = 20, 40, 400
HOME = "home"
"""Stands in the query of the view that its owner begins with."""

v = m.saved_view.c


class KeptView(TypedDict):
    """A view somebody keeps. home: the desk begins with it."""

    name: str
    query: str
    home: bool


class ViewError(ValueError):
    """A view cannot be kept like that. `reason` is for the screen."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def kept_views(conn: Connection, account: int) -> list[KeptView]:
    """Return what an account keeps, by name."""
    query = select(v.name, v.query).where(v.account_id == account).order_by(v.name)
    return [
        {"name": name, "query": _without(kept), "home": _with_home(kept)}
        for name, kept in conn.execute(query).all()
    ]


def keep(conn: Connection, account: int, name: str, query: str, *, now: datetime) -> None:
    """Keep a view under a name; one of the same name is written over.

    Raises:
        ViewError: no name, too long, or too many views.
    """
    plain, wanted = _name(name), _without(query)
    if len(wanted) > LONGEST_QUERY - len(HOME) - 3:
        raise ViewError("too_long")
    known = {k["name"]: k for k in kept_views(conn, account)}
    if plain in known:
        home = known[plain]["home"]
        _change(conn, account, plain, query=_marked(wanted) if home else wanted)
        return
    if len(known) >= MOST:
        raise ViewError("too_many")
    row = {"account_id": account, "name": plain, "query": wanted, "created_at": now}
    conn.execute(m.saved_view.insert().values(row))


def rename(conn: Connection, account: int, name: str, to: str) -> None:
    """Give a view another name.

    Raises:
        ViewError: no such view, no name, too long, or the name is taken.
    """
    plain = _name(to)
    if plain == name:
        return
    taken = select(func.count()).where(v.account_id == account, v.name == plain)
    if conn.scalar(taken):
        raise ViewError("taken")
    _change(conn, account, name, name=plain)


def remove(conn: Connection, account: int, name: str) -> None:
    """Forget a view; one that is gone already stays gone."""
    conn.execute(m.saved_view.delete().where(v.account_id == account, v.name == name))


def begin_with(conn: Connection, account: int, name: str) -> None:
    """Let the desk begin with a view, and with no other.

    Raises:
        ViewError: no such view.
    """
    for kept in kept_views(conn, account):
        if kept["home"] and kept["name"] != name:
            _change(conn, account, kept["name"], query=kept["query"])
        if kept["name"] == name:
            _change(conn, account, name, query=_marked(kept["query"]))
    if all(kept["name"] != name for kept in kept_views(conn, account)):
        raise ViewError("unknown")


def _change(conn: Connection, account: int, named: str, **values: str) -> None:
    own = m.saved_view.update().where(v.account_id == account, v.name == named)
    if not conn.execute(own.values(values)).rowcount:
        raise ViewError("unknown")


def _name(text: str) -> str:
    plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    if not plain:
        raise ViewError("missing")
    if len(plain) > LONGEST_NAME:
        raise ViewError("too_long")
    return plain


def _parts(query: str) -> list[tuple[str, str]]:
    return [(k, value) for k, value in parse_qsl(query) if k != HOME]


def _without(query: str) -> str:
    return urlencode(_parts(query))


def _marked(query: str) -> str:
    return urlencode([*_parts(query), (HOME, "1")])


def _with_home(query: str) -> bool:
    return dict(parse_qsl(query)).get(HOME) == "1"
