"""What the pages of one domain and of one area show beside their weekly review."""

from __future__ import annotations

from typing_extensions import TypedDict

from data.vocabulary.meeting import Minutes
from data.vocabulary.review import FairPoint, Measure, Review
from data.vocabulary.terms import Names


class StageLine(TypedDict):
    """Open cases in one state, now. late: past their limit."""

    state: str
    open: int
    late: int


class SisterLine(TypedDict):
    """How an area compares with its sisters in one indicator. bands: how many there are."""

    measure: Measure
    point: FairPoint
    bands: int
    compared: int


class DomainBoard(TypedDict):
    """One domain in a week: `review` has only its rows, also of indicators outside the review.

    lead: the department that answers. reviewed: codes that stand on the weekly page.
    """

    domain: str
    name: Names
    lead: Names
    review: Review
    reviewed: list[str]
    stages: list[StageLine]
    domains: dict[str, Names]
    areas: dict[str, Names]
    above: list[str]
    below: list[str]


class AreaBoard(TypedDict):
    """One area in a week across all domains.

    without: indicators it does not have. residents: how many, and of which year. above: the city
    first. sisters: of the indicators that are compared among areas of its level.
    """

    area: str
    name: Names
    level: int
    kind: str
    review: Review
    minutes: Minutes
    without: list[Measure]
    residents: tuple[int, int] | None
    stages: list[StageLine]
    areas: dict[str, Names]
    above: list[str]
    below: list[str]
    beside: list[str]
    sisters: list[SisterLine]
