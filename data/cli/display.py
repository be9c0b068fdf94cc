"""Displays: a code that enrols one, the list, and how one is taken off."""

from __future__ import annotations

from typing import Any

import click

from data.cli.refused import Refused
from data.commands.audit import SHELL
from data.commands.displays import DisplayError, offer, revoke
from data.queries.displays import display_rows
from data.store import open_store, utc_now
from data.vocabulary import LOCAL

WORDS = {
    "name": "a display has a name of 1 to 60 letters",
    "taken": "there is a display of that name; revoke it first: python -m data display list",
    "unknown": "there is no such display, or it was revoked before",
}


@click.group()
def display() -> None:
    """Displays are devices: enrol, list and revoke them."""


@display.command()
@click.argument("name")
def enrol(name: str) -> None:
    """Print a code that makes one browser the display NAME, once, within the hour."""
    try:
        with open_store().write() as conn:
            code = offer(conn, name, by=SHELL, now=utc_now())
    except DisplayError as error:
        raise Refused(WORDS[error.reason]) from None
    click.echo("type it at /display in the browser of that wall, within the hour:", err=True)
    click.echo(code)


@display.command("list")
def list_() -> None:
    """List every display that was ever enrolled."""
    with open_store().read() as conn:
        rows = display_rows(conn)
    for row in rows:
        state = f"revoked {_local(row.revoked_at)}" if row.revoked_at else "stands"
        line = (
            f"{row.id}  {state:<26} enrolled {_local(row.enrolled_at)}"
            f"  last seen {_local(row.seen_at)}  {row.origin}  {row.name}"
        )
        click.echo(line.encode(errors="replace"))
    if not rows:
        click.echo("no display was ever enrolled")


@display.command("revoke")
@click.argument("id_", metavar="ID")
def revoke_(id_: str) -> None:
    """Take display ID off the wall, at once and for good."""
    try:
        with open_store().write() as conn:
            name = revoke(conn, id_, by=SHELL, now=utc_now())
    except DisplayError as error:
        raise Refused(WORDS[error.reason]) from None
    click.echo(f"display {name} is revoked".encode(errors="replace"))


def _local(at: Any) -> str:
    return f"{at.astimezone(LOCAL):%Y-%m-%d %H:%M}"
