"""What people add to a week: wordings, promises, frozen packs, remarks, the rhythm of the meeting.

Days, weeks and instants are written as in `data.vocabulary.review`.
"""

from __future__ import annotations

from typing_extensions import TypedDict

from data.vocabulary.review_terms import Doubt, Verdict
from data.vocabulary.terms import Names


class Edit(TypedDict):
    """A message as somebody wrote it anew. text: by language."""

    key: str
    text: dict[str, str]
    by: str
    at: float


class PromiseLine(TypedDict):
    """What somebody promised in a review.

    Of an indicator (code, area, expected: higher, lower) or of a case. made, due: weeks. state:
    open, kept, broken, withdrawn. carried: how many meetings. verdict: SPC before and after,
    with n weeks after; numbers in shown units. case_state, case_closed: of a case, how it stands
    now and when it was closed.
    """

    id: int
    version: int
    state: str
    text: str
    made: str
    due: str
    made_by: str
    made_at: float
    owner: str
    department: Names
    code: str | None
    area: str | None
    case_no: str | None
    expected: str
    carried: int
    overdue: bool
    verdict: Verdict
    doubt: Doubt | None
    before: float | None
    after: float | None
    weeks_after: int
    case_state: str | None
    case_closed: float | None
    history: list[PromiseEvent]


class PromiseEvent(TypedDict):
    """What was done about a promise.

    action: made, carried, moved, kept, broken, withdrawn, reopened, note.
    """

    at: float
    week: str
    action: str
    by: str
    note: str


class Restated(TypedDict):
    """A number that is another now than when the week was frozen."""

    code: str
    area: str
    was: float | None
    now: float | None
    late_records: int
    decimals: int
    reason: str
    """late: records came late; corrected; definition: another version; hidden.

    late_records: records of that week that were new or other after it was frozen. Of small counts
    no number is told, neither was nor now.
    """


class Frozen(TypedDict):
    """A pack: the week as it was shown.

    sha256 of its bytes; intact: they still are those that were frozen.
    """

    week: str
    area: str
    frozen_at: float
    frozen_by: str
    sha256: str
    intact: bool
    restated: list[Restated]


class Reminder(TypedDict):
    """What is due in the rhythm of the review.

    kind: preread (48 h before), meeting, followup (2 days after). at: epoch seconds; state:
    done, due, late, ahead.
    """

    kind: str
    at: float
    state: str


class Minutes(TypedDict):
    """What people added to a week: edits, promises to follow, the frozen pack, reminders.

    promises: those to look at first, before the new ones; see `queries.review.meeting`.
    earlier: packs of the weeks before, newest first, with what is shown otherwise since.
    """

    edits: list[Edit]
    promises: list[PromiseLine]
    frozen: Frozen | None
    earlier: list[Frozen]
    reminders: list[Reminder]


class Remark(TypedDict):
    """A word about an indicator. day: set, it is drawn into the chart there."""

    id: int
    at: float
    by: str
    text: str
    day: str | None
    withdrawn: bool
