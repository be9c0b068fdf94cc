"""Read the kept bytes of a run again, after the mapping, the catalogue or a row was put right."""

from __future__ import annotations

from datetime import datetime

import click
from sqlalchemy import Connection

from data.catalogue import catalogue
from data.catalogue.entries import Source
from data.cli.mappings import with_mapping
from data.cli.refused import Refused
from data.commands.alarms import tick
from data.ingest.replay import Fix, Replayed, ReplayError
from data.ingest.replay import replay as read_again
from data.store import open_store, utc_now

SHOWN = 50


@click.command()
@click.argument("run", type=int)
@click.option(
    "--mapping", "mapped", default=None, help="how to read a table (default: the source's)"
)
@click.option("--dry-run", is_flag=True, help="say what would be taken; change nothing")
@click.option("--row", type=int, help="row to put right before reading")
@click.option("--set", "sets", multiple=True, metavar="FIELD=VALUE", help="a field of that row")
@click.option("--by", "who", default="", help="who puts it right")
@click.option("--why", default="", help="why")
def replay(
    run: int,
    mapped: str | None,
    dry_run: bool,
    row: int | None,
    sets: tuple[str, ...],
    who: str,
    why: str,
) -> None:
    """Read RUN's bytes again with today's rules and store what was refused.

    Newer facts are never undone. Refused rows that are taken now say by which run.
    """
    facts, store = with_mapping(catalogue(), mapped), open_store()
    fixes = _fixes(row, sets, who, why)

    def publish(conn: Connection, source: Source, now: datetime) -> None:
        tick.publish_for(conn, facts, source, now)

    try:
        done = read_again(
            store, facts, run, now=utc_now(), fixes=fixes, dry_run=dry_run, publish=publish
        )
    except ReplayError as error:
        raise Refused(str(error)) from error
    click.echo(_words(done))


def _fixes(row: int | None, sets: tuple[str, ...], who: str, why: str) -> list[Fix]:
    """Return the fixes asked for; a fix without a name and a reason is none."""
    if (row is None) != (not sets):
        raise click.UsageError("--row N and --set FIELD=VALUE belong together")
    if row is None:
        return []
    if not who.strip() or not why.strip():
        raise click.UsageError("a corrected row needs --by NAME and --why TEXT")
    found = []
    for text in sets:
        name, sign, value = text.partition("=")
        if not sign or not name.strip():
            raise click.UsageError(f"--set wants FIELD=VALUE, not {text!r}")
        found.append(Fix(row, name.strip()[:80], value, who.strip()[:80], why.strip()))
    return found


def _words(done: Replayed) -> str:
    c, o = done.outcome.counts, done.outcome
    head = "would be taken (nothing was changed)" if done.dry else "taken"
    lines = [
        f"run {done.root} replayed as run {o.run_id}  {o.source}  {head}"
        if not done.dry else f"run {done.root}  {o.source}  {head}",
        f"  {o.records} records: {c.new} new, {c.changed} changed, {c.same} same, "
        f"{c.outdated} older than known, {o.quarantined} refused",
        f"  of the rows refused before, {done.resolved} are taken, {done.still} still refused",
    ]  # fmt: skip
    lines += [f"  row {f.row} {f.field}: {old!r} -> {f.new!r} by {f.by}: {f.why}"
              for f, old in done.fixes]  # fmt: skip
    refused = [p for p in o.problems if p.refused]
    lines += [f"  refused row {p.row} {p.field or ''} {p.reason}: {p.value or ''} {p.detail}"
              for p in refused[:SHOWN]]  # fmt: skip
    if len(refused) > SHOWN:
        lines.append(f"  and {len(refused) - SHOWN} more")
    return "\n".join(lines)
