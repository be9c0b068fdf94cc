"""How well the sources keep their word, and what is wrong with their data."""

from __future__ import annotations

import json
from datetime import datetime

import click

from data.catalogue import Catalogue, catalogue
from data.cli.refused import Refused, no_such
from data.queries.findings import Finding, RefusedRow, findings, refused_rows, run_exists
from data.queries.keys import read_keys
from data.queries.quality import UnitQuality, unit_quality
from data.store import open_store, utc_now
from data.vocabulary import LOCAL


@click.command()
@click.option("--source", "key", default=None, help="only this source of the catalogue")
@click.option("--weeks", type=click.IntRange(0, 53), default=0, help="weeks back (default: 24 h)")
@click.option("--run", type=int, default=None, help="the refused rows of one run instead")
@click.option("--look", is_flag=True, help="take a look now, as the collector does by itself")
@click.option("--json", "as_json", is_flag=True, help="one JSON object")
def quality(key: str | None, weeks: int, run: int | None, look: bool, as_json: bool) -> None:
    """Print the figures of every source and reporting unit, and the findings that hold."""
    store, facts, now = open_store(), catalogue(), utc_now()
    if key is not None and key not in facts.sources:
        raise Refused(no_such("source", key, facts.sources))
    if run is not None:
        with store.read() as conn:
            if not run_exists(conn, run):
                raise Refused(f"there is no run {run}")
            rows = refused_rows(conn, run)
        text = json.dumps(rows, ensure_ascii=False) if as_json else _rows(run, rows)
        click.echo(text.encode(errors="replace"))
        return
    if look:
        from data.collector.quality.inspector import Inspector  # only here is shapely needed

        Inspector(store, facts).look(now)
    with store.read() as conn:
        keys = read_keys(conn)
        units = unit_quality(conn, facts, keys, now=now, weeks=weeks, source=key)
        found = findings(conn, keys, source=key)
    if as_json:
        report = {"at": now.timestamp(), "weeks": weeks, "units": units, "findings": found}
        click.echo(json.dumps(report, ensure_ascii=False).encode())
        return
    lines = [_unit(unit, facts) for unit in units]
    lines += ["", f"{len(found)} findings"] + [_finding(f) for f in found]
    click.echo("\n".join([_HEAD, *lines]).encode(errors="replace"))


_HEAD = (
    f"{'source':<18}{'area':<8}{'state':<9}{'last new':<18}{'usual gap':>10}{'complete':>10}"
    f"{'timely':>9}{'received':>15}{'refused':>13}"
)


def _unit(unit: UnitQuality, facts: Catalogue) -> str:
    total, rhythm = unit["total"], unit["rhythm"]
    last = _local(unit["last_at"]) if unit["last_at"] else "-"
    name = facts.areas[unit["area"]].short["en"][:7] if unit["area"] else "all"
    counts = f"{total['received']}/{total['expected']}"
    return (
        f"{unit['source']:<18}{name:<8}{unit['state']:<9}{last:<18}"
        f"{rhythm['declared'] or _gap(rhythm['median_s']):>10}{_percent(total['completeness']):>10}"
        f"{_percent(total['timeliness']):>9}{counts:>15}"
        f"{total['refused']:>6}/{total['read']:<6}"
    )


def _finding(f: Finding) -> str:
    place = " ".join(x for x in (f["indicator"], f["area"]) if x)
    value = f" {f['value']}" if f["value"] else ""
    return f"  {_local(f['first'])}  {f['source']:<18}{f['kind']:<18}{place}{value}  {f['detail']}"


def _rows(run: int, rows: list[RefusedRow]) -> str:
    lines = [f"run {run}: {len(rows)} rows in quarantine"]
    for r in rows:
        word = "refused" if r["refused"] else "warning"
        state = f"taken by run {r['resolved_by']}" if r["resolved_by"] else "open"
        if not r["resolved_by"] and r["tried_by"]:
            state = f"refused again by run {r['tried_by']}"
        said = f"{r['field'] or ''} {r['reason']}: {r['value'] or ''} {r['detail']}"
        place = "file" if r["row"] is None else f"row {r['row']}"
        lines.append(f"  {word} {place} {said}  [{state}]")
        lines += [f"    corrected {fix}" for fix in r["fixes"]]
    return "\n".join(lines)


def _local(at: float) -> str:
    return datetime.fromtimestamp(at, LOCAL).strftime("%Y-%m-%d %H:%M")


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.1f} %"


def _gap(seconds: float | None) -> str:
    if seconds is None:
        return "-"
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.0f} s"
