"""Alarm rules from a shell: what holds, whether a file of rules can, what one would have done."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import yaml
from sqlalchemy import Connection

from data.alarms.versions import RuleVersion
from data.cases.change import Refusal
from data.catalogue import Catalogue, catalogue
from data.catalogue.alarm_checks import wrong_in
from data.catalogue.alarm_data import read_rule
from data.catalogue.alarm_entries import AlarmRule
from data.catalogue.reading import CatalogueError
from data.cli.refused import Refused, no_such
from data.commands.alarms.rules import read_rule_body
from data.queries.alarms.dry_run import DAYS, MOST_DAYS, DryRun, Occurrence, dry_run
from data.queries.alarms.failing import failing_rules
from data.queries.alarms.rules import rule_versions, rules_in_force
from data.queries.keys import read_keys
from data.store import open_store, utc_now
from data.vocabulary import LOCAL

json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object.")


@click.group()
def alarms() -> None:
    """Alarm rules: list those in force, check a file, try one on the past."""


@alarms.command("list")
@json_option
def show_all(as_json: bool) -> None:
    """Print every rule: priority, kind, version, whether it is on, fails, or waits for approval."""
    with _reading() as conn:
        force, failing = rules_in_force(conn, catalogue()), failing_rules(conn)
        versions = rule_versions(conn, catalogue())
    rows = [_row(code, told, force.rules, failing) for code, told in versions.items()]
    if as_json:
        _say(json.dumps({"rules": rows}, ensure_ascii=False))
        return
    for row in rows:
        marks = [row["state"], *(f"waits: version {v}" for v in row["proposed"])]
        if row["error"]:
            marks.append(f"fails: {row['error']}")
        _say(
            f"{row['code']:<26} {row['priority'] or '-'}  {row['kind'] or '-':<11} "
            f"v{row['version'] or '-'}  {', '.join(marks):<10} {row['name']}"
        )


def _row(
    code: str, versions: list[RuleVersion], rules: Any, failing: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    rule: AlarmRule | None = rules.get(code)
    named = rule or next((v.rule for v in versions if v.rule), None)
    return {
        "code": code,
        "name": named.name["zh"] if named else "",
        "kind": rule.condition.kind if rule else None,
        "priority": rule.priority if rule else None,
        "version": rule.version if rule else None,
        "state": "retired" if rule is None else "on" if rule.enabled else "off",
        "where": rule.where if rule else None,
        "proposed": [v.version for v in versions if v.state == "proposed"],
        "error": failing.get(code, {}).get("error"),
    }


@alarms.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@json_option
def check(file: Path, as_json: bool) -> None:
    """Check the rules in FILE, written as alarms.yaml. Ends with 2 where one cannot hold."""
    rows, found = _rows(file), []
    seen: set[str] = set()
    for row in rows:
        code = str(row.get("code")) if isinstance(row, dict) else str(row)
        said = [] if code not in seen else ["code: stands twice"]
        seen.add(code)
        found.append({"code": code, "wrong": said + _wrong(row)})
    bad = [one for one in found if one["wrong"]]
    if as_json:
        _say(json.dumps({"rules": len(found), "wrong": bad}, ensure_ascii=False))
    for one in () if as_json else bad:
        for line in one["wrong"]:
            _say(f"{one['code']}: {line}")
    if not as_json:
        _say(f"{len(found) - len(bad)} of {len(found)} rules are right")
    if bad:
        raise SystemExit(2)


def _wrong(row: Any) -> list[str]:
    try:
        rule = read_rule(row)
    except CatalogueError as error:
        return [str(error).partition(": ")[2]]
    return [str(w) for w in wrong_in(rule, catalogue())]


@alarms.command("dry-run")
@click.argument("code")
@click.option("--days", type=click.IntRange(1, MOST_DAYS), default=DAYS, show_default=True)
@click.option(
    "--file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A rule to try instead of the one in force: its body, or a file of rules with CODE.",
)
@click.option("--limit", type=click.IntRange(0), default=50, help="Occurrences to print, 0: all.")
@json_option
def dry(code: str, days: int, file: Path | None, limit: int, as_json: bool) -> None:
    """Say how often CODE would have fired in the last days, with every time it would have."""
    facts, now = catalogue(), utc_now()
    with _reading() as conn:
        known = rules_in_force(conn, facts).rules
        if file is None and code not in known:
            raise Refused(no_such("rule", code, known))
        rule = known[code] if file is None else _body(facts, code, file)
        found = dry_run(conn, facts, read_keys(conn), rule, now, days=days)
    if as_json:
        _say(json.dumps(told(found, facts, limit), ensure_ascii=False))
        return
    for line in _lines(found, facts, days, limit):
        _say(line)


def told(found: DryRun, facts: Catalogue, limit: int = 0) -> dict[str, Any]:
    """Return a dry run as plain JSON; limit 0: every occurrence."""
    shown = found.occurrences[:limit] if limit else found.occurrences
    return {
        "code": found.rule.code,
        "version": found.rule.version,
        "since": found.since.isoformat(),
        "until": found.until.isoformat(),
        "n": found.n,
        "busiest_day": found.busiest,
        "notes": [note["en"] for note in found.notes],
        "occurrences": [
            {
                "area": o.area,
                "area_name": facts.areas[o.area].name["zh"] if o.area in facts.areas else "",
                "object": o.object,
                "start": o.start.isoformat(),
                "end": o.end.isoformat() if o.end else None,
                "worst": o.worst,
            }
            for o in shown
        ],
    }


def _lines(found: DryRun, facts: Catalogue, days: int, limit: int) -> Iterator[str]:
    rule = found.rule
    name = f"{rule.code} v{rule.version}"
    yield f"{name}: in the last {days} days it would have fired {found.n} times"
    yield f"most within 24 hours: {found.busiest}"
    yield from (f"note: {note['en']}" for note in found.notes)
    shown = found.occurrences[:limit] if limit else found.occurrences
    yield from (_line(o, facts) for o in shown)
    if len(shown) < found.n:
        yield f"... and {found.n - len(shown)} earlier; --limit 0 shows all"


def _line(one: Occurrence, facts: Catalogue) -> str:
    area = facts.areas[one.area].short["zh"] if one.area in facts.areas else one.area
    end = f"{one.end.astimezone(LOCAL):%Y-%m-%d %H:%M}" if one.end else "still holds     "
    worst = "" if one.worst is None else f"  worst {one.worst:g}"
    start = f"{one.start.astimezone(LOCAL):%Y-%m-%d %H:%M}"
    return f"{start}  {end}  {area} {one.object}{worst}"


def _body(facts: Catalogue, code: str, file: Path) -> AlarmRule:
    rows = _rows(file)
    own = [r for r in rows if isinstance(r, dict) and r.get("code", code) == code]
    if not own:
        raise Refused(f"{file.name}: holds no rule {code}")
    body = {k: v for k, v in own[0].items() if k not in ("code", "version")}
    rule = read_rule_body(facts, code, body)
    if isinstance(rule, Refusal):
        raise Refused(f"{file.name}, rule {code}: {rule.params['said']}")
    return rule


def _rows(file: Path) -> list[Any]:
    try:
        told = yaml.safe_load(file.read_text(encoding="utf-8-sig"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise Refused(f"{file.name} is no YAML: {' '.join(str(error).split())[:200]}") from None
    rows = [told] if isinstance(told, dict) else told
    if not isinstance(rows, list) or not rows:
        raise Refused(f"{file.name} has to hold rules, as alarms.yaml does")
    return rows


@contextmanager
def _reading() -> Iterator[Connection]:
    store = open_store()
    try:
        with store.read() as conn:
            yield conn
    finally:
        store.dispose()


def _say(text: str) -> None:
    # Bytes, so that Chinese arrives whatever the shell's locale is.
    click.echo(text.encode(errors="replace"))
