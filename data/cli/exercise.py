"""Exercises: make one from a past day, run it beside the real system, score it."""

from __future__ import annotations

import json
import os
import sys
import threading
from datetime import datetime, timedelta
from pathlib import Path

import click
from honcho.manager import Manager
from honcho.printer import Printer
from sqlalchemy import make_url

from data import panels
from data.catalogue import catalogue
from data.cli.refused import Refused
from data.cli.run import ROOT, announce, environment, processes, refuse_taken_ports
from data.cli.store import prepare
from data.exercise import PREFIX, Exercise, PlanError, Score, planned, score
from data.ingest.exercise import make as make_store
from data.queries.exercise import drilled, exercise_of
from data.queries.keys import read_keys
from data.settings import settings
from data.store import Store, open_store, utc_now
from data.vocabulary import LOCAL


@click.group()
def exercise() -> None:
    """Play a real past day, shifted in time, in a store of its own; score who took part."""


@exercise.command()
@click.option("--from", "since", required=True, help='local time, as "2026-11-20 09:00"')
@click.option("--hours", type=float, default=2.0, show_default=True, help="how long, up to 12")
@click.option("--title", default="城市运行应急演练", show_default=True)
@click.option("--anew", is_flag=True, help="throw the last exercise away (only its SQLite file)")
def make(since: str, hours: float, title: str, *, anew: bool) -> None:
    """Make the store of an exercise that begins now. The city's own store is only read."""
    now = utc_now()
    try:
        plan = planned(title, _instant(since), timedelta(hours=hours), now)
    except PlanError as error:
        raise Refused(str(error)) from error
    if anew:
        _throw_away(settings().exercise_store)
    real, own = open_store(), _own()
    try:
        if exercise_of_store(real) is not None:
            raise Refused("DATABASE_URL is the store of an exercise itself")
        prepare(own)
        documents = make_store(real, own, catalogue(), plan, now=now)
        with own.write() as conn:
            panels.publish_all(conn, catalogue(), now)
    except PlanError as error:
        raise Refused(str(error)) from error
    finally:
        real.dispose()
        own.dispose()
    told = f"{plan.since.astimezone(LOCAL):%Y-%m-%d %H:%M}"
    click.echo(
        f"{PREFIX}{plan.title}: {told} until {plan.until.astimezone(LOCAL):%H:%M}, "
        f"played from {plan.starts.astimezone(LOCAL):%Y-%m-%d %H:%M}, {documents} documents"
    )
    click.echo("start it: python -m data exercise run")


@exercise.command()
@click.option("--port", type=int, default=8060, show_default=True)
def run(port: int) -> None:
    """Start the web server and the collector of the exercise, beside the real system."""
    own = _own()
    try:
        plan = exercise_of_store(own)
    finally:
        own.dispose()
    if plan is None:
        raise Refused("there is no exercise: python -m data exercise make --from …")
    url = settings().exercise_store
    refuse_taken_ports({"--port": (settings().host, port)})
    env = environment() | {
        "DATABASE_URL": url,
        "ZHIZHI_EXERCISE": "true",
        "ZHIZHI_DEMO": "false",
        "ZHIZHI_VAR": str(settings().var / "exercise"),
        "PORT": str(port),
    }
    log = settings().var / "exercise" / "log" / "run.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    address = f"http://{settings().host}:{port}/"
    with log.open("a", encoding="utf-8") as lines:
        manager = Manager(Printer(lines, width=10, colour=False))
        for name in ("web", "collector"):
            manager.add_process(name, processes()[name], cwd=str(ROOT), env=env)
        click.echo(f"{PREFIX}{plan.title}")
        threading.Thread(target=announce, args=(log, address), daemon=True).start()
        manager.loop()
    click.echo("\nstopped")
    sys.exit(0 if (manager.returncode or 0) in (0, 130, 143) else manager.returncode)


@exercise.command(name="score")
@click.option("--json", "as_json", is_flag=True)
def score_(*, as_json: bool) -> None:
    """Say how the exercise went: first reports and dispatches against their limits."""
    own, now = _own(), utc_now()
    try:
        with own.read() as conn:
            plan = exercise_of(conn)
            if plan is None:
                raise Refused("there is no exercise: python -m data exercise make --from …")
            found = drilled(conn, catalogue(), read_keys(conn), plan, now)
    finally:
        own.dispose()
    scores = {
        "first_report": score((d.first for d in found), now),
        "dispatch": score((d.dispatch for d in found if d.dispatch), now),
    }
    if as_json:
        told = {"title": plan.title, "matters": len(found)}
        click.echo(json.dumps(told | {k: _plain(s) for k, s in scores.items()}, ensure_ascii=False))
        return
    click.echo(f"{PREFIX}{plan.title}: {len(found)} matters")
    for name, got in scores.items():
        click.echo(f"{name}: {got.in_time} of {got.n} in time, {got.running} running")


def _plain(got: Score) -> dict[str, float | int | None]:
    return {
        "judged": got.n,
        "in_time": got.in_time,
        "late": got.late,
        "missed": got.missed,
        "running": got.running,
        "share": got.share,
        "median_s": got.middle.total_seconds() if got.middle is not None else None,
        "worst_s": got.worst.total_seconds() if got.worst is not None else None,
    }


def _instant(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise Refused(f'--from: {text} is no time; as "2026-11-20 09:00"') from error
    return at if at.tzinfo else at.replace(tzinfo=LOCAL)


def _own() -> Store:
    if make_url(settings().exercise_store) == make_url(settings().url):
        raise Refused("ZHIZHI_EXERCISE_URL is the city's own store")
    return Store(settings().exercise_store)


def exercise_of_store(store: Store) -> Exercise | None:
    """Return the exercise a store was made for; None also of one that holds no tables yet."""
    with store.read() as conn:
        if not conn.dialect.has_table(conn, "store_info"):
            return None
        return exercise_of(conn)


def _throw_away(url: str) -> None:
    name = make_url(url).database
    if not url.startswith("sqlite") or not name:
        raise Refused("only an SQLite store is thrown away; empty the other database by hand")
    for end in ("", "-wal", "-shm"):
        path = Path(f"{name}{end}")
        if path.is_file():
            os.unlink(path)
