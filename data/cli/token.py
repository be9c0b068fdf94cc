"""Tokens of the API: make one for a department, list them, take one back."""

from __future__ import annotations

from typing import Any

import click

from data.catalogue import catalogue
from data.cli.refused import Refused, no_such
from data.ingest.tokens import TokenError, Wanted, create_token, revoke_token
from data.queries.tokens import KINDS, token_rows
from data.store import open_store, utc_now
from data.vocabulary import LOCAL


@click.group()
def token() -> None:
    """Make, list and revoke the tokens of the API."""


def _codes(_ctx: click.Context, _param: click.Parameter, value: str | None) -> tuple[str, ...]:
    return tuple(part.strip() for part in (value or "").split(",") if part.strip())


@token.command()
@click.argument("source", required=False)
@click.option("--read", "reads", is_flag=True, help="a token that may only read, of no source")
@click.option("--indicators", callback=_codes, help="codes, comma separated (default: all)")
@click.option("--areas", callback=_codes, help="area codes, each with all below (default: all)")
@click.option("--kinds", callback=_codes, help=f"of {', '.join(KINDS)} (default: all)")
@click.option("--days", type=click.IntRange(1, 3650), help="valid this long (default: for good)")
@click.option("--note", default="", help="who has it, and what for")
def create(source: str | None, reads: bool, days: int | None, note: str, **scope: Any) -> None:
    """Make a token for SOURCE and print it. It is shown once: only its hash is kept."""
    if reads == bool(source):
        raise click.UsageError("name a SOURCE, or say --read")
    if source and source not in catalogue().sources:
        raise Refused(no_such("source", source, catalogue().sources))
    wanted = Wanted(source, days=days, note=note, **scope)
    try:
        with open_store().write() as conn:
            token_id, text = create_token(conn, catalogue(), wanted, now=utc_now())
    except TokenError as error:
        raise Refused(str(error)) from error
    click.echo(f"token {token_id} of {source or 'reading'}; it is shown only now:", err=True)
    click.echo(text)


@token.command("list")
def list_() -> None:
    """List every token: what it is good for, when it was last used."""
    with open_store().read() as conn:
        rows = token_rows(conn)
    now = utc_now()
    for row in rows:
        expired = row.expires_at is not None and row.expires_at <= now
        state = "revoked" if row.revoked_at else "expired" if expired else "valid"
        used = f"last used about {_local(row.last_used_at)}" if row.last_used_at else "never used"
        scope = [", ".join(codes) for codes in (row.kinds, row.indicators, row.areas) if codes]
        click.echo(
            f"{row.id:>4}  zz_{row.prefix}_…  {state:<8} {row.source or '(reads)':<20}"
            f" {'; '.join(scope) or 'everything'}  made {_local(row.created_at)}, {used}"
            f"{f'  {row.note}' if row.note else ''}"
        )
    if not rows:
        click.echo("no token was ever made")


def _local(at: Any) -> str:
    return f"{at.astimezone(LOCAL):%Y-%m-%d %H:%M}"


@token.command()
@click.argument("token_id", type=int)
def revoke(token_id: int) -> None:
    """Take the token with this number back, at once and for good."""
    with open_store().write() as conn:
        done = revoke_token(conn, token_id, now=utc_now())
    if not done:
        raise Refused(f"there is no valid token {token_id}")
    click.echo(f"token {token_id} is revoked")
