"""Drills: PostgreSQL freezes with its sockets open. Nobody waits for it longer than was said."""

from __future__ import annotations

import os
import signal
import threading
import time
from contextlib import contextmanager

import pytest
from flask import Flask
from sqlalchemy.exc import DBAPIError, OperationalError

from callbacks import health
from data.deadlines import Deadlines, within
from data.settings import Settings
from data.store import Store
from tests.postgres import Postgres
from tests.store.support import pg_only

pytestmark = [pytest.mark.drill, pytest.mark.postgres]
SHORT, LONG = 0.5, 30.0


@contextmanager
def frozen(pids):
    """Stop processes, and let them go on again whatever happens."""
    try:
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        yield
    except ProcessLookupError:
        pytest.skip("PostgreSQL runs on another machine")
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


@contextmanager
def ends(seconds):
    """Whatever hangs inside is a failure, and does not hang the tests."""
    began = time.monotonic()
    yield
    assert time.monotonic() - began < seconds


@pytest.fixture
def guarded(store):
    made = Store(store.engine.url.render_as_string(hide_password=False), deadline_s=SHORT)
    yield made
    made.dispose()


def pid_of(conn):
    return conn.exec_driver_sql("select pg_backend_pid()").scalar_one()


@pg_only
def test_a_question_that_hangs_ends_with_an_error(guarded):
    with pytest.raises(OperationalError), guarded.read() as conn:  # noqa: PT012
        pid = pid_of(conn)
        with frozen([pid]), ends(LONG):
            conn.exec_driver_sql("select 1")
    with guarded.read() as conn:
        assert conn.exec_driver_sql("select 1").scalar() == 1, "the next one is answered"


@pg_only
def test_a_connection_that_froze_in_the_pool_is_let_go(guarded):
    with guarded.read() as conn:
        pid = pid_of(conn)
    with frozen([pid]), ends(LONG), guarded.read() as conn:
        assert pid_of(conn) != pid


@pg_only
def test_a_commit_that_hangs_ends_with_an_error(guarded):
    with pytest.raises(DBAPIError), guarded.write() as conn:  # noqa: PT012
        conn.exec_driver_sql("insert into store_info values ('a', 'b')")
        os.kill(pid_of(conn), signal.SIGSTOP)
        stopped = conn.connection.driver_connection.info.backend_pid
        threading.Timer(4.0, os.kill, (stopped, signal.SIGCONT)).start()
    with guarded.read() as conn:
        assert conn.exec_driver_sql("select 1").scalar() == 1


@pg_only
def test_what_is_merely_slow_is_left_alone_when_more_time_is_given(guarded):
    with pytest.raises(OperationalError), guarded.read() as conn:
        conn.exec_driver_sql("select pg_sleep(3)")
    with within(LONG), guarded.read() as conn:
        conn.exec_driver_sql("select pg_sleep(1)")
    with guarded.read() as conn:
        for _ in range(12):  # each has its own time
            conn.exec_driver_sql("select pg_sleep(0.1)")


@pg_only
def test_who_waits_for_the_writers_place_is_told_by_the_database(store, guarded):
    with (
        store.write(),
        pytest.raises(OperationalError, match="lock timeout"),
        guarded.write(wait_s=1),
    ):
        pass


@pg_only
def test_without_a_deadline_nothing_is_watched(store):
    assert not hasattr(store.engine.dialect.do_execute, "__wrapped__")
    with store.read() as conn:
        conn.exec_driver_sql("select pg_sleep(0.7)")


@pg_only
def test_many_threads_are_all_let_go(guarded):
    """As many as a web worker's pool has, and more: each gets an answer, none hangs."""
    pids, said = [], []
    ready, go = threading.Barrier(6), threading.Event()

    def work():
        try:
            with guarded.read() as conn:
                pids.append(pid_of(conn))
                ready.wait(20)
                go.wait(20)
                conn.exec_driver_sql("select 1")
            said.append("answered")
        except DBAPIError:
            said.append("lost")

    threads = [threading.Thread(target=work) for _ in range(5)]
    for thread in threads:
        thread.start()
    ready.wait(20)
    with frozen(list(pids)), ends(LONG):
        go.set()
        for thread in threads:
            thread.join(LONG)
    assert said == ["lost"] * 5


def test_a_server_that_is_frozen_whole_makes_the_worker_not_ready():
    """The postmaster too: not even a new connection is answered."""
    with Postgres(durable=False, databases="frozen") as server:
        url = server.create()
        store = Store(url, deadline_s=SHORT)
        with store.read() as conn:
            conn.exec_driver_sql("select 1")
        web = Flask("test")
        health.register(web, store, Settings())
        client = web.test_client()
        with frozen([p.pid for p in server.processes]), ends(LONG):
            answer = client.get("/readyz")
            assert answer.status_code == 503
            assert answer.json["reasons"] == ["store: OperationalError"]
            assert client.get("/healthz").status_code == 200
        with store.read() as conn:
            assert conn.exec_driver_sql("select 1").scalar() == 1
        store.dispose()


def test_a_call_that_ended_is_not_cut():
    class Dialect:
        def do_execute(self, _cursor):
            return "done"

        do_executemany = do_execute_no_params = do_commit = do_rollback = do_ping = do_execute

    dialect, watch = Dialect(), Deadlines(0.05)
    watch.guard(dialect)

    class Cursor:
        connection = object()

    assert dialect.do_execute(Cursor()) == "done"
    assert watch._calls == {}
    time.sleep(0.3)
    assert watch.cut == 0
