"""Everything a look at alarm rules is judged on, in a few statements whatever the rules are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from data.alarms.facts import Facts
from data.alarms.judging import City
from data.alarms.plan import Needs
from data.queries.alarms.case_inputs import open_counts, recent_cases, standing_cases
from data.queries.alarms.charts import charts
from data.queries.alarms.heard import heard_sources, heard_units
from data.queries.alarms.values import read_values
from data.queries.alarms.warned import warnings_in_force
from data.queries.keys import Keys
from data.vocabulary import Names

__all__ = ["read_inputs"]


def read_inputs(
    conn: Connection, city: City, keys: Keys, needs: Needs, now: datetime,
    last_held: Mapping[str, datetime] | None = None,
) -> Facts:  # fmt: skip
    """Return what rules with such needs are judged on, as the store has it now.

    At most one statement each for values and bands, sources, units, warnings, and cases that
    stand, are counted, or came lately; charts of whole weeks are kept between looks.
    """
    facts = Facts(now, city.code, names=_names(city), last_held=last_held or {})
    if needs.values:
        measured, bands = read_values(conn, city, keys, needs, now)
        facts = replace(facts, measured=measured, bands=bands)
    if needs.charts:
        facts = replace(facts, charts=charts(conn, city, keys, needs.charts, now))
    if needs.sources:
        sources, quiet = heard_sources(conn, city, keys, now)
        facts = replace(facts, sources=sources, quiet=quiet)
    if needs.units:
        facts = replace(facts, units=heard_units(conn, city, keys, now))
    if needs.warnings:
        facts = replace(facts, warnings=warnings_in_force(conn, keys, now))
    return _with_cases(conn, keys, needs, facts)


def _with_cases(conn: Connection, keys: Keys, needs: Needs, facts: Facts) -> Facts:
    if needs.late or needs.untaken:
        late, untaken = standing_cases(conn, keys, needs.late, needs.untaken, facts.now)
        facts = replace(facts, late=late, untaken=untaken)
    if needs.recent:
        facts = replace(facts, recent=recent_cases(conn, keys, needs.recent, facts.now))
    if needs.counted:
        facts = replace(facts, open_counts=open_counts(conn, keys))
    return facts


def _names(city: City) -> dict[str, Names]:
    return {s.key: s.name for s in city.catalogue.sources.values()}
