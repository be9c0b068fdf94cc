"""Store files given by hand."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import click
from sqlalchemy import Connection

from data.catalogue import Catalogue, catalogue
from data.catalogue.entries import Source
from data.cli.mappings import with_mapping
from data.cli.refused import Refused, no_such
from data.commands.alarms import tick
from data.connectors.connector import PayloadError
from data.connectors.registry import PUSHED
from data.ingest.choose import source_for
from data.ingest.run import Outcome, Publish
from data.ingest.run import ingest as store_file
from data.ingest.table_files import ingest_table
from data.store import Store, open_store, utc_now
from data.tables.registry import CONNECTORS

SHOWN = 50


@click.command()
@click.argument("connector")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--source", "key", default=None, help="source of the catalogue (default: the first)")
@click.option(
    "--mapping", "mapped", default=None, help="how to read a table (default: the source's)"
)
@click.option("--json", "as_json", is_flag=True, help="one JSON object a file")
def ingest(
    connector: str, files: tuple[Path, ...], key: str | None, mapped: str | None, as_json: bool
) -> None:
    """Store FILES of a CONNECTOR and print each run. The same file twice changes nothing.

    Ends with 2 when a file could not be read, or when not one row of it could be taken.
    """
    facts, failed = with_mapping(catalogue(), mapped), False
    if connector not in CONNECTORS:
        raise Refused(no_such("connector", connector, CONNECTORS))
    if key is not None and key not in facts.sources:
        raise Refused(no_such("source", key, facts.sources))
    key = key or _source_of(facts, connector, mapped)
    store = open_store()

    def publish(conn: Connection, source: Source, now: datetime) -> None:
        tick.publish_for(conn, facts, source, now, connector=connector)

    for path in files:
        try:
            outcome = _store(store, facts, connector, key, path, publish)
        except OSError as error:
            reason = (error.strerror or type(error).__name__).lower()
            click.echo(f"ingest: {path}: cannot be read: {reason}", err=True)
            failed = True
            continue
        except PayloadError as error:
            raise Refused(str(error)) from error
        _print(path, outcome, as_json=as_json)
        if outcome.error:
            click.echo(f"ingest: {path}: {outcome.error}", err=True)
            failed = True
    if failed:
        raise SystemExit(2)


def _store(
    store: Store, facts: Catalogue, connector: str, key: str | None, path: Path, publish: Publish
) -> Outcome:
    """Store one file; a table is read from its path, for it may be larger than the memory."""
    origin, now = path.resolve().as_uri(), utc_now()
    if connector == "table":
        source = source_for(facts, connector, key)
        return ingest_table(store, facts, source, path, origin=origin, now=now, publish=publish)
    payload = path.read_bytes()
    source = source_for(facts, connector, key, payload)
    origin = f"{connector}:{origin}" if connector in PUSHED else origin
    return store_file(
        store, facts, source, payload, origin=origin, now=now, publish=publish,
        once=True, connector=connector,
    )  # fmt: skip


def _source_of(facts: Catalogue, connector: str, mapped: str | None) -> str | None:
    """Return the source whose own mapping was named; a table belongs to no other by itself."""
    if connector != "table":
        return None
    own = [s.key for s in facts.sources.values() if s.connector == "table" and s.mapping == mapped]
    if not own:
        raise click.UsageError("a table needs --source, or the --mapping of one of the sources")
    return own[0]


def _print(path: Path, outcome: Outcome, *, as_json: bool) -> None:
    c = outcome.counts
    if as_json:
        click.echo(
            json.dumps(
                {
                    "file": str(path),
                    "run": outcome.run_id,
                    "source": outcome.source,
                    "status": outcome.status,
                    "records": outcome.records,
                    "new": c.new,
                    "changed": c.changed,
                    "same": c.same,
                    "outdated": c.outdated,
                    "quarantined": outcome.quarantined,
                    "unlisted": outcome.unlisted,
                },
                ensure_ascii=False,
            )
        )
        return
    click.echo(
        f"run {outcome.run_id}  {outcome.source}  {outcome.status}  {path}\n"
        f"  {outcome.records} records: {c.new} new, {c.changed} changed, {c.same} same, "
        f"{c.outdated} older than known, {outcome.quarantined} quarantined"
    )
    for p in outcome.problems[:SHOWN]:
        word = "refused" if p.refused else "warning"
        place = "file" if p.row is None else f"row {p.row}"
        click.echo(f"  {word} {place} {p.field or ''} {p.reason}: {p.value or ''} {p.detail}")
    more = len(outcome.problems) - SHOWN
    if more > 0:
        unlisted = f", {outcome.unlisted} of them counted but not kept" if outcome.unlisted else ""
        click.echo(f"  and {more} more{unlisted}; `python -m data replay` reads the file again")
