"""A page of the API as a table that a spreadsheet can open without being tricked."""

from __future__ import annotations

import csv
import io
from typing import Any

from pydantic import BaseModel

from data.queries.api_shapes import Text

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""A cell of text that begins so would be run as a formula."""

BOM = "\ufeff"


def table(shape: type[BaseModel], items: list[dict[str, Any]], *, bom: bool) -> bytes:
    """Return the items as CSV, UTF-8, one column a field; a name has a column a language."""
    names = columns(shape)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(names)
    for item in items:
        flat = _flat(item)
        writer.writerow([cell(flat.get(name)) for name in names])
    return ((BOM if bom else "") + out.getvalue()).encode()


def columns(shape: type[BaseModel]) -> list[str]:
    """Return the columns of a shape, in its order."""
    found: list[str] = []
    for name, field in shape.model_fields.items():
        text = field.annotation is Text or field.annotation == (Text | None)
        found += [f"{name}_zh", f"{name}_en"] if text else [name]
    return found


def _flat(item: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in item.items():
        if isinstance(value, dict) and set(value) == {"zh", "en"}:
            found |= {f"{name}_{lang}": text for lang, text in value.items()}
        else:
            found[name] = value
    return found


def cell(value: Any) -> Any:
    """Return a value as a cell; missing is empty, never 0, and text is never a formula."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return value
    if isinstance(value, list):
        value = ";".join(str(part) for part in value)
    if isinstance(value, dict):
        value = ";".join(f"{k}={v}" for k, v in value.items())
    text = str(value)
    return f"'{text}" if text.lstrip(" ").startswith(DANGEROUS) else text
