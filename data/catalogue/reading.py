"""Reads a file of the catalogue into checked entries, or says which entry is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

import yaml

T = TypeVar("T")

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The safe loader, in C where it is built: ten times as fast."""


class CatalogueError(ValueError):
    """A catalogue file is wrong; the message names file and entry. The steward must mend it."""


def read_yaml(path: Path) -> Any:
    """Return what a YAML file holds."""
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 - safe
    except (OSError, yaml.YAMLError) as error:
        raise CatalogueError(f"{path.name}: {error}") from error


def read_entry(kind: type[T], row: dict[str, Any], path: Path) -> T:
    """Return one entry; `path` is named when it is wrong."""
    try:
        return kind(**row)
    except (TypeError, ValueError) as error:
        keys = ("code", "key", "category")
        name = next((row[k] for k in keys if row.get(k)), None) if isinstance(row, dict) else row
        raise CatalogueError(f"{path.name}, entry {name}: {error}") from error
