"""Make and fill the store: migrate, load the catalogue, make the demo city."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

import click
from sqlalchemy import Connection

from data.catalogue import Catalogue, catalogue
from data.commands.alarms import tick
from data.commands.demo_accounts import make_demo_accounts
from data.ingest import bulk
from data.ingest.baselines import refresh_baselines
from data.ingest.bulk import Series
from data.ingest.ledger import note_heard
from data.ingest.reference import load_catalogue, prepare_partitions
from data.models import schema, store_info
from data.queries.keys import Keys, read_keys
from data.settings import settings
from data.store import Store, open_store, utc_now

HISTORY_DAYS = 35


@click.command()
def migrate() -> None:
    """Bring the tables to the newest form and load the catalogue."""
    store = open_store()
    prepare(store)
    click.echo(f"store ready: {shown(store)}")


def prepare(store: Store) -> None:
    """Migrate and load the catalogue."""
    now = utc_now()
    with store.write() as conn:
        schema.upgrade(conn)
        load_catalogue(conn, catalogue())
        prepare_partitions(conn, now - timedelta(days=70), now + timedelta(days=70))


def shown(store: Store) -> str:
    """Return the store's address without its password."""
    return store.engine.url.render_as_string(hide_password=True)


@click.command()
@click.option("--seed", type=int, default=None, help="another seed, another city")
@click.option("--years", type=int, default=2, show_default=True)
def demo(seed: int | None, years: int) -> None:
    """Fill an empty store with the synthetic city. A store that holds facts is left alone."""
    store = open_store()
    prepare(store)
    if not is_empty(store):
        click.echo("the store holds facts already; nothing was made")
        return
    started = time.monotonic()
    rows, cases = fill(store, seed if seed is not None else settings().seed, years=years)
    took = time.monotonic() - started
    click.echo(f"demo city made: {rows} observations, {cases} cases in {took:.0f} s")


def is_empty(store: Store) -> bool:
    """Return whether the store has never run."""
    with store.read() as conn:
        runs = conn.exec_driver_sql("select count(*) from ingest_run").scalar()
    return not runs


def fill(store: Store, seed: int, *, years: int) -> tuple[int, int]:
    """Load the synthetic past in one transaction and publish the first panels."""
    # numpy and shapely work only this command needs
    from data.cli.supervision import supervise
    from data.simulate import history
    from data.simulate.alarms_start import write_past
    from data.simulate.officers_start import FirstSight

    now, facts = utc_now(), catalogue()
    note = {"synthetic": True, "seed": seed, "years": years, "made_at": now.isoformat()}
    with store.write() as conn:
        keys = read_keys(conn)
        made = {key: source for key, source in facts.sources.items() if not source.waits}
        runs = {key: bulk.begin_run(conn, keys, key, note, now=now) for key in made}
        blocks = (
            Series(b.indicator, b.grain, b.area, b.period_start, b.numerator, b.denominator)
            for b in history.observations(seed, now=now, years=years, hourly_days=HISTORY_DAYS)
        )
        rows = bulk.load_series(conn, blocks, runs, facts, now=now)
        fed = {k: r for k, r in runs.items() if facts.sources[k].connector == "open311"}
        since = (now - timedelta(days=HISTORY_DAYS)).replace(minute=0, second=0, microsecond=0)
        requests = history.requests(
            seed, now=now, days=HISTORY_DAYS, matter_days=round(365.25 * years)
        )
        first = FirstSight(facts, now)
        cases = bulk.load_cases(conn, first.begun(requests), fed, facts, since=since, now=now)
        conn.execute(store_info.insert(), [
            {"key": "demo", "value": "true"}, {"key": "seed", "value": str(seed)},
        ])  # fmt: skip
        supervise(conn, facts, keys, seed, now=now)
        for source in made.values():
            note_heard(conn, keys, source, now=now, new=True)
        refresh_baselines(conn, facts, now=now)
        make_demo_accounts(conn, facts, now=now)
        first.live(conn)
        write_past(conn, facts, keys, seed, now)
        _meet(conn, facts, keys, now)
        tick.publish_all(conn, facts, now)
    if not store.sqlite:
        with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
            conn.exec_driver_sql("analyze")
    return rows, cases


def _meet(conn: Connection, facts: Catalogue, keys: Keys, now: datetime) -> None:
    """Hold the meetings of the past weeks and freeze them; what comes late then restates them."""
    from data.cli.meeting import come_late, freeze_past, hold_meetings
    from data.panels import weekly

    hold_meetings(conn, facts, keys, now=now)
    freeze_past(conn, facts, keys, weekly.build, now=now)
    come_late(conn, facts, keys, now=max(utc_now(), now + timedelta(seconds=1)))
