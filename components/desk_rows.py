"""One open case as the desk's grid gets it: worded, so that the browser only draws."""

from __future__ import annotations

from typing import Any

from components.formats import MISSING, day_time
from components.i18n import _, name
from components.loop_words import asked_word, colour_word, holder_word, state_word
from data.vocabulary import CaseState, Holder
from data.vocabulary.desk import DeskRow

Wire = dict[str, Any]


def wire(row: DeskRow) -> Wire:
    """Return what the browser needs of a case, in the language spoken now.

    no, v: number and version seen. has: who has it. marks: remarks, the gravest
    first. still: its clock stands. at, due, stage, moved: epoch seconds.
    """
    return {
        "id": row["id"],
        "no": row["no"],
        "v": row["version"],
        "level": row["level"],
        "state": row["state"],
        "word": state_word(row["state"]),
        "title": row["title"] or name(row["category"]),
        "kind": name(row["category"]),
        "county": row["county"],
        "place": " · ".join(part for part in map(name, row["place"]) if part) or MISSING,
        "address": row["address"],
        "has": _has(row),
        "dept": name(row["department"]),
        "lon": row["lon"],
        "lat": row["lat"],
        "at": row["reported_at"],
        "said_at": day_time(row["reported_at"]),
        "due": row["due_at"],
        "due_at": day_time(row["due_at"]) if row["due_at"] else _("No deadline"),
        "still": row["state"] == CaseState.SUSPENDED,
        "stage": row["stage_due_at"],
        "moved": row["moved_at"],
        "seen": row["seen"],
        "led": row["led"],
        "marks": _marks(row),
    }


def _has(row: DeskRow) -> str:
    """Return who has a case now; a department by its name."""
    if row["holder"] == Holder.DEPARTMENT:
        return name(row["department"]) or MISSING
    word = holder_word(row["holder"])
    if row["holder"] == Holder.SUSPENDED:
        return " · ".join(part for part in (word, name(row["department"])) if part)
    return word


def _marks(row: DeskRow) -> list[str]:
    said = [_("Asked: {what}").format(what=asked_word(kind)) for kind in row["asked"]]
    if row["supervised"]:
        said.append(colour_word(row["supervised"]))
    if row["rework"]:
        said.append(_("Rework {n}").format(n=row["rework"]))
    if row["led"] and row["said"]:
        said.append(_("Platform says: {state}").format(state=state_word(row["said"])))
    return said
