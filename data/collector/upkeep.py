"""The collector's regular chores: normal bands, retention, what broken-off loads still owe."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, select

from data import models as m
from data import veil
from data.catalogue import Catalogue
from data.commands.alarms.notices import prune_notices
from data.commands.handover import make_due
from data.commands.review import BY_CLOCK, Build, Refusal, freeze, freeze_wanted
from data.commands.screens import forget_screens
from data.commands.supervision import look
from data.ingest.baselines import refresh_baselines
from data.ingest.due import owing, settle
from data.ingest.reference import prepare_partitions
from data.logs import logger
from data.panels import weekly
from data.queries.hidden import Veil, undecided
from data.queries.hidden_kept import keep
from data.queries.keys import read_keys
from data.settings import Settings
from data.store import Store
from data.vocabulary import LOCAL, Grain

log = logger("collector")

ALIVE = timedelta(hours=1)
"""A run that began so long ago and still owes roll-ups is taken for dead: nothing is lost if not.
"""

FEW_MONTHS = 3
"""Of each protected indicator, decided at a time: about a twentieth of a second each."""


def hourly(store: Store, catalogue: Catalogue, settings: Settings, now: datetime) -> None:
    """Refresh normal bands and let go of what is older than its time."""
    with store.write() as conn:
        refresh_baselines(conn, catalogue, now=now)
        prepare_partitions(conn, now, now + timedelta(days=40))
    with store.write() as conn:
        _prune(conn, catalogue, settings, now)
        prune_notices(conn, catalogue, now)
        forget_screens(conn, now)


def supervise(store: Store, catalogue: Catalogue, now: datetime) -> None:
    """Raise the supervision cards that delays call for; make the handover of an ended shift."""
    with store.write() as conn:
        done = look(conn, catalogue, read_keys(conn), now)
        made = make_due(conn, catalogue, read_keys(conn), now)
    if made:
        log.info("handover", made=len(made))
    if done.raised or done.ended:
        log.info("supervision", raised=done.raised, ended=done.ended)


def freeze_week(
    store: Store, catalogue: Catalogue, now: datetime, build: Build = weekly.build
) -> None:
    """Freeze the city's week once its pre-read is due; its page is made before a writer waits."""
    with store.read() as conn:
        keys = read_keys(conn)
        wanted = freeze_wanted(conn, catalogue, keys, now)
        if wanted is None:
            return
        made = build(conn, catalogue, keys, *wanted, now)
    with store.write() as conn:
        done = freeze(conn, catalogue, keys, *wanted, made, BY_CLOCK, now)
    if isinstance(done, Refusal):
        log.info("review not frozen", week=wanted[0], why=done.code.value)
    else:
        log.info("review frozen", week=wanted[0], sha256=done.sha256)


def review(store: Store, catalogue: Catalogue, now: datetime) -> tuple[str, str] | None:
    """Make one page of the weekly review anew if one is due; return which, None if none is.

    Read and counted without the writer's place, which is taken only to keep the page.
    """
    with store.read() as conn:
        keys = read_keys(conn)
        due = weekly.due(conn, catalogue, keys, now)
        if due is None:
            return None
        made = weekly.build(conn, catalogue, keys, *due, now)
    weekly.keep(store, keys, made)
    return due


def decide_hidden(store: Store, catalogue: Catalogue) -> int:
    """Decide a few past months of protected indicators that nobody keeps; return how many.

    Decided without the writer's place; kept only if nothing that it was made of changed since.
    """
    with store.read() as conn:
        view = Veil(conn, catalogue)
        codes = [i.code for i in catalogue.indicators.values() if i.small_count]
        found = [(view.keys.indicators[c], *undecided(view, c, FEW_MONTHS)) for c in codes]
    if not any(decisions for *_, decisions in found):
        return 0
    with store.write() as conn:
        holds = [
            decisions for i, token, decisions in found if veil.read_mark(conn, i).token == token
        ]
        for decisions in holds:
            keep(conn, decisions)
    return sum(map(len, holds))


def settle_dead(store: Store, now: datetime) -> int:
    """Make the roll-ups that dead runs owe; return how many stretches."""
    with store.read() as conn:
        found = owing(conn, began_before=now - ALIVE)
    return sum(settle(store, run_id) for run_id in found)


def _prune(conn: Connection, catalogue: Catalogue, settings: Settings, now: datetime) -> None:
    """Empty old raw bytes (hashes stay); drop minute facts whose hours are rolled up."""
    f, o = m.fetch.c, m.observation.c
    keys = read_keys(conn)
    for key, source in catalogue.sources.items():
        old = f.received_at < now - timedelta(days=source.kept_days(settings.raw_days))
        own = f.source_id == keys.sources[key]
        _let_go(conn, own, old)
    gone = f.source_id.not_in([keys.sources[key] for key in catalogue.sources])
    old = f.received_at < now - timedelta(days=settings.raw_days)
    _let_go(conn, gone, old)
    ids = [i for (i,) in conn.execute(select(m.indicator.c.id))]
    past = now - timedelta(days=settings.minute_days)
    minute = (o.grain == int(Grain.MINUTE), o.period_start < past)
    conn.execute(m.observation.delete().where(o.indicator_id.in_(ids), *minute))
    h = m.rollup_hour.c
    kept = now.astimezone(LOCAL) - timedelta(days=settings.hour_days)
    keep = kept.replace(hour=0, minute=0, second=0, microsecond=0)  # half a day would look mixed
    let_go = m.rollup_hour.delete().where(h.indicator_id.in_(ids), h.bucket < keep)
    if conn.execute(let_go).rowcount:
        veil.raise_marks(conn, ids, always=True)
    r = m.ingest_run.c
    conn.execute(m.ingest_run.delete().where(r.status == "duplicate", r.recorded_at < past))


def _let_go(conn: Connection, *chosen: ColumnElement[bool]) -> None:
    """Let the bytes of some files go, whole or in parts; size and hash stay."""
    f, p = m.fetch.c, m.fetch_part.c
    conn.execute(m.fetch.update().where(*chosen, f.raw.is_not(None)).values(raw=None))
    conn.execute(m.fetch_part.delete().where(p.fetch_id.in_(select(f.id).where(*chosen))))
