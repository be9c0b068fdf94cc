"""A pack as it may be shown now: a small count that is hidden since is hidden in it too. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import date, timedelta

from data.review.week_text import monday
from data.vocabulary.review import (
    Basis,
    Compared,
    FairPoint,
    Figure,
    Message,
    Review,
    ScoreRow,
    read_evidence_code,
)
from data.vocabulary.review_terms import Doubt

Hides = Callable[[str, str, date], bool]
"""(indicator, area, Monday of a week) -> whether its value must not be shown."""


def masked(review: Review, protected: frozenset[str], hides: Hides) -> Review:
    """Return the review without what must not be shown now.

    protected: indicators with small counts; of all others nothing is asked. Where one week of a
    row is hidden now, the row tells no number: its neighbours would tell it. Messages of such an
    indicator are left out.
    """
    told = {row["measure"]["code"] for row in review["rows"]}
    told |= {line["code"] for line in review["matrix"]}
    told |= {fair["measure"]["code"] for fair in review["fair"]}
    if not protected & told:
        return review
    new, week = deepcopy(review), monday(review["week"])
    shut: set[str] = set()
    for row in new["rows"]:
        code = row["measure"]["code"]
        if code in protected and any(hides(code, row["area"], w) for w in _weeks(new, row)):
            _mask_row(row)
            shut.add(code)
    for line in new["matrix"]:
        for cell in line["cells"]:
            if line["code"] in protected and hides(line["code"], cell["area"], week):
                _mask(cell["figure"])
                shut.add(line["code"])
    for fair in new["fair"]:
        code = fair["measure"]["code"]
        for point in fair["points"]:
            if code in protected and hides(code, point["area"], week):
                _mask_point(point)
                shut.add(code)
    new["messages"] = [m for m in new["messages"] if not _speaks_of(m, shut)]
    return new


def _weeks(review: Review, row: ScoreRow) -> Iterator[date]:
    """Yield the Mondays of the weeks a row tells a number of."""
    week = monday(review["week"])
    yield week
    first = date.fromisoformat(row["spark"]["first"]) if row["spark"]["values"] else week
    for place, value in enumerate(row["spark"]["values"]):
        if value is not None:
            yield first + timedelta(weeks=place)
    for basis in review["bases"].values():
        yield from _weeks_of(basis)


def _weeks_of(basis: Basis) -> Iterator[date]:
    for _, like in basis["pairs"]:
        day = date.fromisoformat(like)
        yield day - timedelta(days=day.weekday())


def _mask_row(row: ScoreRow) -> None:
    _mask(row["now"])
    compared: tuple[Compared, ...] = (row["last"], row["year"], row["lunar"])
    for one in compared:
        _mask(one["now"])
        _mask(one["then"])
        one["change"], one["doubt"] = None, Doubt.HIDDEN
    spark = row["spark"]
    for values in (spark["values"], spark["centre"], spark["lower"], spark["upper"]):
        values[:] = [None] * len(values)


def _mask(figure: Figure) -> None:
    figure["value"] = figure["num"] = figure["n"] = figure["low"] = figure["high"] = None
    figure["doubt"] = Doubt.HIDDEN


def _mask_point(point: FairPoint) -> None:
    point["value"] = point["low"] = point["high"] = None
    point["n"], point["band"], point["outside"] = 0.0, 0, ""
    point["doubt"] = Doubt.HIDDEN


def _speaks_of(message: Message, shut: set[str]) -> bool:
    try:
        return read_evidence_code(message["evidence"])[0] in shut
    except ValueError:
        return False
