"""Reads alarms.yaml: the alarm rules of the city, checked against everything they name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from data.catalogue.alarm_checks import wrong_in
from data.catalogue.alarm_entries import AlarmRule
from data.catalogue.reading import CatalogueError, read_yaml

if TYPE_CHECKING:
    from data.catalogue import Catalogue

FILE = "alarms.yaml"


def read_alarms(folder: Path) -> dict[str, AlarmRule]:
    """Return the rules by code, in file order; a folder without the file has none.

    Raises:
        CatalogueError: the file or an entry has the wrong shape, or a code stands twice.
    """
    path = folder / FILE
    if not path.exists():
        return {}
    rows = read_yaml(path)
    if not isinstance(rows, list):
        raise CatalogueError(f"{FILE}: is no list of rules")
    found: dict[str, AlarmRule] = {}
    for row in rows:
        rule = read_rule(row)
        if rule.code in found:
            raise CatalogueError(f"{FILE}, rule {rule.code}: code: stands twice")
        found[rule.code] = rule
    return found


def read_rule(row: Any) -> AlarmRule:
    """Return one rule of the right shape. Raises CatalogueError naming rule and field."""
    name = row.get("code") if isinstance(row, dict) else row
    try:
        return AlarmRule.model_validate(row)
    except ValidationError as error:
        raise CatalogueError(f"{FILE}, rule {name}: {shape_error(error)}") from error


def shape_error(error: ValidationError) -> str:
    """Return the first thing wrong with the shape of a rule: where, and what is allowed."""
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"]) or "rule"
    return f"{where}: {first['msg']}"[:300]


def check_alarms(catalogue: Catalogue) -> None:
    """Raise CatalogueError at the first rule that names what is not there or can never be right."""
    for rule in catalogue.alarms.values():
        for wrong in wrong_in(rule, catalogue):
            raise CatalogueError(f"{FILE}, rule {rule.code}: {wrong}")
