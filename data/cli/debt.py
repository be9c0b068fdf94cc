"""The data-debt board from a shell: put a debt on it, read it, close one."""

from __future__ import annotations

import json
from datetime import date

import click

from data.catalogue import catalogue
from data.cli.refused import Refused
from data.commands import debts as commands
from data.queries.debts import debts
from data.queries.keys import read_keys
from data.sharing.words import CLOSED, DebtRow
from data.store import open_store, utc_now


@click.group()
def debt() -> None:
    """Data debts: what a source, a unit or a department still owes, who mends it, until when."""


@debt.command("list")
@click.option("--ended", is_flag=True, help="those that ended in the last 12 weeks instead")
@click.option("--json", "as_json", is_flag=True, help="one JSON object a debt")
def show(*, ended: bool, as_json: bool) -> None:
    """Print the board, the soonest due first."""
    with open_store().read() as conn:
        rows = debts(conn, catalogue(), read_keys(conn), now=utc_now(), ended=ended)
    for row in rows:
        _say(json.dumps(row, ensure_ascii=False) if as_json else _line(row))
    if not rows and not as_json:
        _say("no debts")


@debt.command()
@click.option("--department", required=True, help="key of the catalogue")
@click.option("--source", default=None, help="key of the catalogue (default: the department)")
@click.option("--area", default=None, help="code of an area (default: the whole city)")
@click.option("--kind", default="other", show_default=True)
@click.option("--title", required=True)
@click.option("--why", default="")
@click.option("--owner", required=True, help="who mends it")
@click.option("--due", required=True, help="YYYY-MM-DD, the last day it can be kept")
@click.option("--by", "said_by", required=True, help="who says so; nobody checks")
def add(due: str, said_by: str, **words: str) -> None:
    """Put a debt on the board and print its number."""
    try:
        promise = commands.Promise(due=_day(due), **words)
        with open_store().write() as conn:
            number = commands.take(
                conn, catalogue(), read_keys(conn), promise, said_by=said_by, now=utc_now()
            )
    except commands.DebtError as wrong:
        raise Refused(str(wrong)) from None
    _say(f"debt {number} is on the board")


@debt.command()
@click.argument("number", type=int)
@click.option("--state", type=click.Choice([s.value for s in CLOSED]), required=True)
@click.option("--note", required=True)
@click.option("--by", "said_by", required=True, help="who says so; nobody checks")
def close(number: int, state: str, note: str, said_by: str) -> None:
    """End debt NUMBER as kept, broken or dropped."""
    try:
        with open_store().write() as conn:
            commands.close(conn, number, state=state, said_by=said_by, note=note, now=utc_now())
    except commands.DebtError as wrong:
        raise Refused(str(wrong)) from None
    _say(f"debt {number} is {state}")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise commands.DebtError("due", "not_a_date") from None


def _line(row: DebtRow) -> str:
    state = "overdue" if row["overdue"] else row["state"]
    place = " ".join(p for p in (row["department"], row["source"], row["area"]) if p)
    return f"{row['id']:>4}  {state:<8}{row['due']}  {place}: {row['title']} ({row['owner']})"


def _say(text: str) -> None:
    # Bytes, so that Chinese arrives whatever the shell's locale is.
    click.echo(text.encode(errors="replace"))
