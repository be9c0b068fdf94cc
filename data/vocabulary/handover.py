"""What one shift hands to the next."""

from __future__ import annotations

from typing_extensions import TypedDict

from data.vocabulary.terms import Names


class HandoverCase(TypedDict):
    """One open matter as it stood. Instants are epoch seconds."""

    case_no: str
    title: str
    level: int
    state: str
    holder: str
    department: Names
    county: Names
    due_at: float | None
    why: list[str]


class HandoverPromise(TypedDict):
    """Something promised for the next shift. kind: review, debt, mark, owner, approval."""

    kind: str
    what: str
    who: Names
    due_at: float | None
    ref: str


class HandoverQuiet(TypedDict):
    """A source that is not heard. last: when it was, None if never."""

    name: Names
    state: str
    last: float | None


class HandoverWarning(TypedDict):
    """A warning in force."""

    headline: str
    level: int
    expires: float | None


class HandoverBody(TypedDict):
    """Everything handed over, as it stood at as_of; kept as it is from then on."""

    as_of: float
    cases: list[HandoverCase]
    more_cases: int
    totals: dict[str, int]
    promises: list[HandoverPromise]
    quiet: list[HandoverQuiet]
    warnings: list[HandoverWarning]


class HandoverRow(TypedDict):
    """One handover with its signatures. id 0: it is not kept yet, the shift still runs."""

    id: int
    area: str
    position: str
    shift: Names
    starts_at: float
    ends_at: float
    made_at: float
    body: HandoverBody
    out_by: int | None
    out_name: str | None
    out_at: float | None
    in_by: int | None
    in_name: str | None
    in_at: float | None
    in_note: str | None
    agreed: bool | None
