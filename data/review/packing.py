"""A pack: a week as it was shown, as bytes that cannot change unnoticed. Pure."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from data.catalogue.entries import Indicator
from data.vocabulary.meeting import Edit
from data.vocabulary.review import Figure, Review
from data.vocabulary.review_terms import Doubt

FORM = 1
"""Raised when what a pack holds is written otherwise."""
Key = tuple[str, str]
"""indicator code, area code"""


class BrokenPackError(ValueError):
    """The bytes of a pack are not those that were frozen."""


@dataclass(frozen=True)
class Content:
    """What a pack holds. definitions: by indicator, {version, entry}."""

    review: Review
    edits: list[Edit]
    definitions: dict[str, dict[str, Any]]


def canonical(content: Content) -> bytes:
    """Return a pack's content as text that is the same for the same content.

    Raises:
        ValueError: a number that is none (NaN, infinite).
    """
    told = {
        "form": FORM,
        "review": content.review,
        "edits": content.edits,
        "definitions": content.definitions,
    }
    text = json.dumps(
        told, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )
    return text.encode()


def pack(content: Content) -> tuple[bytes, str]:
    """Return the bytes that are kept and their SHA-256."""
    payload = zlib.compress(canonical(content), 9)
    return payload, digest(payload)


def digest(payload: bytes) -> str:
    """Return the SHA-256 of the bytes that are kept."""
    return hashlib.sha256(payload).hexdigest()


def unpack(payload: bytes, sha256: str) -> Content:
    """Return what was frozen. Raises BrokenPackError: the bytes are not what they were."""
    if digest(payload) != sha256:
        raise BrokenPackError("the bytes are not those that were frozen")
    try:
        told = json.loads(zlib.decompress(payload))
        for line in told["review"]["departments"]:
            line["cards"] = {int(colour): n for colour, n in line["cards"].items()}
        return Content(told["review"], told["edits"], told["definitions"])
    except (ValueError, KeyError, TypeError, AttributeError, zlib.error) as error:
        raise BrokenPackError(f"no pack: {error}") from error


def definitions_of(review: Review, indicators: Mapping[str, Indicator]) -> dict[str, Any]:
    """Return the definition of every indicator that a review tells of."""
    codes = {row["measure"]["code"] for row in review["rows"]}
    codes |= {row["code"] for row in review["matrix"]}
    codes |= {one["measure"]["code"] for one in review["fair"]}
    return {
        code: {
            "version": indicators[code].version,
            "entry": indicators[code].model_dump(mode="json"),
        }
        for code in sorted(codes)
        if code in indicators
    }


# ---- was and now ----


@dataclass(frozen=True)
class Changed:
    """A figure that is another one now; None: none is shown. doubt: why none is shown now."""

    code: str
    area: str
    was: float | None
    now: float | None
    doubt: Doubt | None = None


def changes(before: Content, now: Review) -> list[Changed]:
    """Return the figures of the same week that are shown otherwise now than when it was frozen.

    A figure of the looked-at area that is gone counts as one that is not shown; of the areas
    below only what both show is compared.
    """
    old, new = dict(_figures(before.review)), dict(_figures(now))
    own = before.review["area"]
    found = []
    for (code, area), was in old.items():
        figure = new.get((code, area))
        if figure is None and area != own:
            continue
        value, doubt = (figure["value"], figure["doubt"]) if figure else (None, None)
        if not same(was["value"], value, decimals_of(before, code)):
            found.append(Changed(code, area, was["value"], value, doubt))
    return found


def changes_in_sparks(before: Content, later: Review, place: int) -> list[Changed]:
    """Return the same of a week that a later review shows at a place of its sparklines.

    Only what both show: a sparkline also leaves out weeks of two definitions.
    """
    now = {row["measure"]["code"]: row["spark"]["values"] for row in later["rows"]}
    found = []
    for row in before.review["rows"]:
        code, was = row["measure"]["code"], row["now"]["value"]
        values = now.get(code)
        if values is None or not 0 <= place < len(values):
            continue
        value = values[place]
        if was is None or value is None:
            continue
        if not same(was, value, decimals_of(before, code)):
            found.append(Changed(code, row["area"], was, value))
    return found


def decimals_of(content: Content, code: str) -> int:
    """Return with how many decimals an indicator was shown."""
    known = content.definitions.get(code)
    return int(known["entry"]["decimals"]) if known else 2


def same(one: float | None, other: float | None, decimals: int) -> bool:
    """Return whether two figures look the same on the page."""
    if one is None or other is None:
        return one is other
    return f"{one:z.{decimals}f}" == f"{other:z.{decimals}f}"


def _figures(review: Review) -> Iterator[tuple[Key, Figure]]:
    for row in review["rows"]:
        yield (row["measure"]["code"], row["area"]), row["now"]
    for line in review["matrix"]:
        for cell in line["cells"]:
            yield (line["code"], cell["area"]), cell["figure"]


def of_week(content: Content, week: str, area: str) -> bool:
    """Return whether a pack tells of this week and area, as the row that keeps it says."""
    review = cast("dict[str, Any]", content.review)
    return (review.get("week"), review.get("area")) == (week, area)
