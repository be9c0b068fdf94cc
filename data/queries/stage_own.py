"""What holds of the own conditions of the stage's rules, judged as those of alarm rules are."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, select

from data import models as m
from data.alarms.conditions.verdict import Verdict
from data.alarms.judging import City, judge
from data.alarms.plan import Chosen
from data.catalogue import Catalogue
from data.catalogue.alarm_entries import AlarmRule, StageRule
from data.catalogue.stage_data import as_alarm_rule
from data.queries.alarms.inputs import read_inputs
from data.queries.keys import Keys
from data.stage import Ground
from data.vocabulary.stage import WhyRow

e = m.stage_event.c


def own_conditions(
    conn: Connection, catalogue: Catalogue, keys: Keys, rules: Iterable[StageRule], now: datetime
) -> dict[str, list[Ground]]:
    """Return what holds of each rule's own condition, by code.

    What cannot be judged now goes on if it was a reason of the newest proposal: silence lowers
    nothing.
    """
    own = [as_alarm_rule(rule, rule.condition) for rule in rules if rule.condition]
    if not own:
        return {}
    city, before = City.of(catalogue), _before(conn)
    chosen = Chosen(tuple(own), city)
    facts = read_inputs(conn, city, keys, chosen.needs, now)
    found: dict[str, list[Ground]] = {}
    for rule in own:
        known = {(area, thing): True for code, area, thing in before if code == rule.code}
        for verdict in judge(rule, facts, city, known):
            stays = verdict.holds is None and (verdict.area, verdict.object) in known
            if verdict.holds or stays:
                found.setdefault(rule.code, []).append(_ground(rule, verdict, city, now))
    return found


def _before(conn: Connection) -> list[tuple[str, str, str]]:
    """Return rule, area and object of the own conditions behind the newest proposal."""
    query = select(e.why).where(e.kind == "proposed").order_by(e.id.desc()).limit(1)
    why: WhyRow | None = conn.scalar(query)
    found = []
    for rule in why["rules"] if why else ():
        for row in rule["rows"]:
            parts = row["key"].split("|", 2)
            if parts[0] == f"own:{rule['code']}":
                found.append((rule["code"], parts[1], parts[2]))
    return found


def _ground(rule: AlarmRule, verdict: Verdict, city: City, now: datetime) -> Ground:
    return Ground(
        key=f"own:{rule.code}|{verdict.area}|{verdict.object}",
        rule=rule.code,
        county=None if verdict.area == city.code else city.county_of.get(verdict.area),
        priority=verdict.priority or rule.priority,
        since=min(verdict.at, now),
        title=rule.name,
        said=verdict.said,
        cause=verdict.cause,
        refs=verdict.evidence,
    )
