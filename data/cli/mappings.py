"""Where a mapping named on the command line lies."""

from __future__ import annotations

from pathlib import Path

from data.catalogue import catalogue
from data.catalogue.mapping import Mapping, load_mapping
from data.cli.refused import no_such
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


def place_of(name: str) -> Path:
    """Return where a mapping called `name` is written: a path as it is, else the catalogue."""
    if name.endswith((".yaml", ".yml")) or "/" in name:
        return Path(name)
    return settings().catalogue / "sources" / f"{name}.yaml"
