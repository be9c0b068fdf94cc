"""One PostgreSQL database for many tests: emptied after each, made anew where a test left more.

To make a database from a template costs a copy of some seven hundred files; to empty the few
tables that a test filled costs a tenth of it.
"""

from __future__ import annotations

import contextlib
from typing import Any

import psycopg
from sqlalchemy.engine import make_url

from tests.postgres import Server

_OWN = "relnamespace = 'public'::regnamespace"
_TABLES = (
    f"select relname from pg_class where {_OWN} and relkind in ('r', 'p') and not relispartition"
)
_PARTS = f"select relname from pg_class where {_OWN} and relkind = 'r' and relispartition"
_FORM = f"""
  select md5(string_agg(x, ',' order by x collate "C")) from (
    select concat('r', relname, relkind, relnatts, relchecks, reloptions) from pg_class where {_OWN}
    union all select concat('t', tgrelid::regclass, tgname, tgenabled, tgtype) from pg_trigger
      where not tgisinternal
    union all select concat('k', conrelid::regclass, conname, convalidated) from pg_constraint
      where connamespace = 'public'::regnamespace
    union all select concat('f', proname, md5(prosrc)) from pg_proc
      where pronamespace = 'public'::regnamespace
    union all select concat('a', attrelid::regclass, attname, atttypid, attnotnull)
      from pg_attribute where attnum > 0
      and attrelid in (select oid from pg_class where {_OWN})
    union all select concat('n', nspname) from pg_namespace where nspname !~ '^pg_'
    union all select concat('s', setconfig) from pg_db_role_setting
      where setdatabase = (select oid from pg_database where datname = current_database())
  ) as shape (x)"""
"""What a test may have changed beside rows: tables, columns, triggers, functions, settings."""
_ALONE = """select pg_terminate_backend(pid) from pg_stat_activity
  where datname = current_database() and pid <> pg_backend_pid()"""
_COUNTERS = f"""select c.relname, s.last_value from pg_class c
  join pg_sequences s on s.sequencename = c.relname and s.schemaname = 'public'
  where c.{_OWN} order by 1"""


class Kept:
    """A database that is handed to one test after the other."""

    def __init__(self, server: Server, template: str) -> None:
        """Take where it lives and what it is a copy of."""
        self.server, self.template = server, template
        self.url = ""
        self._parts: set[str] = set()
        self._first: tuple[Any, ...] = ()
        self._empty: list[str] = []
        self._filled: list[str] = []

    def take(self) -> str:
        """Return the address of a database that is as the template."""
        if not self.url:
            self.url = self.server.create(self.template)
            with self._connect() as conn:
                self._parts = {name for (name,) in conn.execute(_PARTS)}
                names = [name for (name,) in conn.execute(_TABLES)]
                self._filled = sorted(_with_rows(conn, names))
                self._empty = sorted(set(names) - set(self._filled))
                self._first = self._seen(conn)
        return self.url

    def give_back(self) -> None:
        """Make it as it was; forget it where that cannot be seen to be so."""
        with contextlib.suppress(psycopg.Error), self._connect() as conn:
            conn.execute(_ALONE)
            conn.execute("set lock_timeout = '5s'")
            conn.execute("set session_replication_role = replica")  # what is append-only, too
            self._clear(conn)
            if self._seen(conn) == self._first:
                return
        self.forget()

    def forget(self) -> None:
        """Drop it; the next test gets a new one."""
        if self.url:
            self.server.drop(self.url)
        self.url = ""

    def _clear(self, conn: psycopg.Connection[Any]) -> None:
        parts = {name for (name,) in conn.execute(_PARTS)} - self._parts
        for name in sorted(parts):
            conn.execute(f'drop table "{name}"')
        left = _with_rows(conn, self._empty)
        if left:
            named = ", ".join(f'"{name}"' for name in left)
            conn.execute(f"truncate {named} restart identity cascade")
        for name, value in self._first[2]:
            called = "false" if value is None else "true"
            conn.execute(f"select setval('\"{name}\"', {value or 1}, {called})")

    def _seen(self, conn: psycopg.Connection[Any]) -> tuple[Any, ...]:
        """Return form, reference rows and counters: what must be as it was."""
        asked = " union all ".join(
            f"""select '{n}', md5(string_agg(t::text, '|' order by t::text collate "C"))
            from "{n}" t"""
            for n in self._filled
        )
        rows = conn.execute(asked).fetchall()
        form = conn.execute(_FORM).fetchone()
        return form, sorted(rows), conn.execute(_COUNTERS).fetchall()

    def _connect(self) -> psycopg.Connection[Any]:
        return psycopg.connect(make_url(self.url).set(drivername="postgresql")
                               .render_as_string(hide_password=False), autocommit=True)  # fmt: skip


def _with_rows(conn: psycopg.Connection[Any], names: list[str]) -> list[str]:
    """Return the tables that hold a row."""
    asked = " union all ".join(f"select '{n}' where exists (select 1 from \"{n}\")" for n in names)
    return [name for (name,) in conn.execute(asked)]
