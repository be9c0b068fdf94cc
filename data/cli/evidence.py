"""Where does this number come from? Prints the whole chain down to the line of the file."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable
from datetime import datetime
from difflib import get_close_matches
from typing import TypeVar

import click

from data.catalogue import Catalogue, catalogue
from data.catalogue.entries import Area, Indicator
from data.cli.evidence_text import as_text
from data.queries.chain import Question, chain
from data.queries.periods import read_period
from data.store import open_store
from data.vocabulary import LOCAL

T = TypeVar("T", bound=Area | Indicator)
NEAREST = 5


@click.command()
@click.argument("indicator")
@click.argument("area")
@click.argument("period")
@click.option("--as-of", "known", default=None, help="as it was known then (local time)")
@click.option("--json", "as_json", is_flag=True, help="everything, as one JSON object")
@click.option("--limit", type=click.IntRange(1, 100_000), default=12, show_default=True)
@click.option("--steward", is_flag=True, help="show small counts too; never pass this on")
def evidence(
    indicator: str,
    area: str,
    period: str,
    known: str | None,
    as_json: bool,
    limit: int,
    steward: bool,
) -> None:
    """Print where the value of INDICATOR in AREA in PERIOD comes from.

    INDICATOR and AREA by code or name. PERIOD: now, 2026-11-18T10 (local hour), 2026-11-18,
    2026-W47 or 2026-11. Ends with 0; with 1 when there is no such number, or when a total is
    not the sum of its parts; with 2 when a name or the period is not understood.
    """
    facts = catalogue()
    try:
        asked = Question(
            indicator=find("indicator", indicator, facts.indicators),
            area=find("area", area, facts.areas).code,
            period=read_period(period),
            as_of=_instant(known) if known else None,
            open=steward,
            limit=limit,
        )
    except ValueError as error:
        sys.exit(_complain(str(error), 2))
    with open_store().read() as conn:
        found = chain(conn, facts, asked)
    if found is None:
        sys.exit(_complain(_no_data(facts, asked, period), 1))
    text = json.dumps(found, ensure_ascii=False) if as_json else as_text(found)
    click.echo(text.encode(errors="replace"))
    if found["reconciles"] is False:
        click.echo("evidence: THE STORED TOTAL IS NOT THE SUM OF ITS PARTS", err=True)
        sys.exit(1)


def find(what: str, written: str, entries: dict[str, T]) -> T:
    """Return the entry of a code or a name that only one has.

    Raises:
        ValueError: there is none, or there are several; the message names the nearest.
    """
    asked = written.strip()
    codes = {code.lower(): entry for code, entry in entries.items()}
    if asked.lower() in codes:
        return codes[asked.lower()]
    same = [e for e in entries.values() if asked.casefold() in {n.casefold() for n in _names(e)}]
    if len(same) == 1:
        return same[0]
    if same:
        raise ValueError(f"{what} {asked!r} is the name of several: {_listed(same)}")
    near = _nearest(asked, entries.values())
    hint = f"; nearest: {_listed(near)}" if near else ""
    raise ValueError(f"no such {what}: {asked!r}{hint}")


def _names(entry: Area | Indicator) -> set[str]:
    short = entry.short.values() if isinstance(entry, Area) else ()
    wall = entry.wall.name if isinstance(entry, Indicator) and entry.wall else None
    return {str(n) for n in (*entry.name.values(), *short, *(wall or {}).values())}


def _nearest(asked: str, entries: Iterable[T]) -> list[T]:
    """Return entries with a name or code that looks like what was asked, best first."""
    spelled: dict[str, T] = {}
    for one in entries:
        for name in (one.code, *_names(one)):
            spelled.setdefault(name.casefold(), one)
    low = asked.casefold()
    close = get_close_matches(low, spelled, n=NEAREST * 2, cutoff=0.5)
    close += [name for name in spelled if len(low) > 1 and low in name]
    found = {spelled[name].code: spelled[name] for name in close}
    return list(found.values())[:NEAREST]


def _listed(entries: Iterable[Area | Indicator]) -> str:
    return ", ".join(f"{e.code} {e.name['zh']}" for e in entries)


def _instant(text: str) -> datetime:
    try:
        if not re.match(r"\d{4}-\d{2}-\d{2}", text):
            raise ValueError
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"--as-of {text!r} is no time as 2026-11-18T10:30") from error
    return at if at.tzinfo else at.replace(tzinfo=LOCAL)


def _no_data(facts: Catalogue, asked: Question, period: str) -> str:
    fact, area = asked.indicator, facts.areas[asked.area]
    where = f"{fact.code} {fact.name['zh']} · {area.name['zh']}"
    known = " as it was known then" if asked.as_of else ""
    return f"no data: {where} · {period}{known}"


def _complain(message: str, status: int) -> int:
    click.echo(f"evidence: {' '.join(message.split())}".encode(errors="replace"), err=True)
    return status
