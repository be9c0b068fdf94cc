"""Where a mapping named on the command line lies."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from data.catalogue import Catalogue, catalogue
from data.catalogue.mapping import TODO, Mapping, load_mapping
from data.cli.refused import Refused, no_such
from data.settings import settings


def find_mapping(name: str) -> Mapping:
    """Return the mapping of the catalogue called `name`, or the one in the file of that path.

    Raises:
        ValueError: there is none, or it is wrong; one line.
    """
    path = Path(name)
    if path.suffix in (".yaml", ".yml") or "/" in name or path.is_file():
        return load_mapping(path)
    known = catalogue().mappings
    if name not in known:
        raise ValueError(no_such("mapping", name, known))
    return known[name]


def wrong_with(mapping: Mapping, facts: Catalogue) -> str:
    """Return what keeps a mapping from being used: open questions, names not of the catalogue."""
    said = [f"{TODO} stands at {place}" for place in mapping.open_questions()]
    for what, told, known in (
        ("indicator", mapping.indicators(), facts.indicators),
        ("area", mapping.area_codes(), facts.areas),
    ):
        said += [no_such(what, code, known) for code in sorted(told - set(known) - {TODO})]
    return "; ".join(said)


def place_of(name: str) -> Path:
    """Return where a mapping called `name` is written: a path as it is, else the catalogue."""
    if name.endswith((".yaml", ".yml")) or "/" in name:
        return Path(name)
    return settings().catalogue / "sources" / f"{name}.yaml"


def with_mapping(facts: Catalogue, mapped: str | None) -> Catalogue:
    """Return the catalogue in which the mapping named on the command line is the one of tables."""
    if mapped is None:
        return facts
    try:
        found = find_mapping(mapped)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--mapping") from error
    wrong = wrong_with(found, facts)
    if wrong:
        raise Refused(f"the mapping {mapped} is not finished: {wrong}")
    return replace(facts, mappings=dict.fromkeys((*facts.mappings, mapped), found))
