"""What the desk says of acts: done, refused, overtaken, and why a department is proposed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from components.formats import day_time
from components.i18n import _, name
from components.loop_words import act_word, state_word
from data.vocabulary import Names


@dataclass(frozen=True)
class Meanwhile:
    """One event that somebody who acts had not seen. at: epoch seconds."""

    at: float
    actor: str
    action: str
    state: str | None
    department: Names | None
    note: str | None


@dataclass(frozen=True)
class Reason:
    """Why a department is proposed. decided_at: epoch seconds of a decision over the list."""

    department: Names
    co: Sequence[Names]
    category: Names
    basis: Names
    ref: str
    decided_by: str = ""
    decided_at: float | None = None
    decision: str = ""


def done_words(no: str, act: str) -> str:
    """Return that an act is done."""
    return _("{act}: done · {no}").format(act=act_word(act), no=no)


def conflict_words(changes: Sequence[Meanwhile]) -> dict[str, object]:
    """Return what changed since the version that was seen: who, what, when."""
    head = _("The case changed meanwhile, nothing was saved. Read, then choose again:")
    return {"said": head, "lines": [_line(change) for change in changes]}


def _line(change: Meanwhile) -> str:
    said = [day_time(change.at), change.actor, act_word(change.action)]
    if change.state:
        said.append(_("now: {state}").format(state=state_word(change.state)))
    if change.department:
        said.append(name(change.department))
    line = " · ".join(said)
    return _("{line} – {note}").format(line=line, note=change.note) if change.note else line


def reason_words(reason: Reason) -> str:
    """Return why this department: the duty list, or a decision that stands over it."""
    lead = name(reason.department)
    if reason.decided_at is not None:
        said = _("Proposed: {lead}, decided by {who} on {time}: {why}").format(
            lead=lead, who=reason.decided_by, time=day_time(reason.decided_at), why=reason.decision
        )
    else:
        said = _("Proposed: {lead}, who leads {category} in the duty list ({basis})").format(
            lead=lead, category=name(reason.category), basis=name(reason.basis)
        )
    co = _(", ").join(name(n) for n in reason.co)
    parts = [
        said,
        _("with {names}").format(names=co) if co else "",
        _("entry {ref}").format(ref=reason.ref),
    ]
    return " · ".join(p for p in parts if p)
