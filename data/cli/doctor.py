"""Look at everything the system needs; say in plain words what is wrong."""

from __future__ import annotations

import json
import os
import sys

import click
from pydantic import ValidationError

from data.catalogue import Catalogue, CatalogueError, catalogue
from data.ops import doctor as looking
from data.ops.findings import BAD, Finding, Level
from data.settings import Settings, settings
from data.store import open_store, utc_now

MARKS = {Level.OK: "  ok ", Level.WARN: " look", Level.BAD: "WRONG"}


@click.command()
@click.option("--stopped", is_flag=True, help="the system is meant to be stopped, as for a restore")
@click.option("--json", "as_json", is_flag=True, help="one JSON object")
def doctor(stopped: bool, as_json: bool) -> None:
    """Look at machine, settings, store, collector and sources.

    Ends with 0 when all is well, 1 when something should be looked at, 2 when something is wrong.
    """
    found = _look(stopped=stopped)
    if as_json:
        told = [{"name": f.name, "level": f.level.name.lower(), "words": f.words} for f in found]
        click.echo(json.dumps({"exit": looking.exit_code(found), "findings": told}))
    else:
        for finding in found:
            click.echo(f"{MARKS[finding.level]}  {finding.name:<11} {finding.words}")
    sys.exit(looking.exit_code(found))


def _look(*, stopped: bool) -> list[Finding]:
    try:
        config = settings()
    except ValidationError as error:
        return [_wrong_setting(e) for e in error.errors()]
    found, facts = [], _facts()
    whole = facts if isinstance(facts, Catalogue) else None
    found += looking.machine(config, dict(os.environ), whole)
    if not isinstance(facts, Catalogue):
        return [*found, facts]
    now = utc_now()
    found += looking.calendar(facts, now=now)
    return found + _store(config, facts, stopped=stopped)


def _store(config: Settings, facts: Catalogue, *, stopped: bool) -> list[Finding]:
    try:
        store = open_store()
    except Exception as error:  # an address that is none, a folder that cannot be made
        return [Finding("store", BAD, f"DATABASE_URL is no address: {type(error).__name__}")]
    try:
        return looking.store(store, config, facts, now=utc_now(), stopped=stopped)
    finally:
        store.dispose()


def _facts() -> Catalogue | Finding:
    try:
        return catalogue()
    except CatalogueError as error:
        return Finding("catalogue", BAD, str(error).split("\n", 1)[0])


def _wrong_setting(error: object) -> Finding:
    said = error if isinstance(error, dict) else {}
    name = "_".join(map(str, said.get("loc", ()))).upper()
    return Finding("settings", BAD, f"{name}: {said.get('msg', 'is wrong')}")
