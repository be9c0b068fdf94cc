"""One alarm as the console's grid gets it: worded, so that the browser only draws."""

from __future__ import annotations

from typing import Any

from components.alarm_words import alarm_state_word
from components.formats import MISSING, day_time, full_time, number, since
from components.i18n import _, name
from data.vocabulary.alarm_console import ConsoleRow
from data.vocabulary.alarms import AlarmState

Wire = dict[str, Any]
ASIDE = frozenset({AlarmState.SHELVED, AlarmState.SUPPRESSED, AlarmState.OUT_OF_SERVICE})


def wire(row: ConsoleRow, now: float) -> Wire:
    """Return what the browser needs of an alarm, in the language spoken now.

    v: version seen. g: its group; gp, gn: gravest and newest of it; u: under its head. n: how many
    are folded behind it, w of the group wait. at: epoch seconds. marks: remarks.
    """
    situation = name(row["situation"])
    folded = bool(row["folded"]) and bool(situation)
    return {
        "id": row["id"],
        "key": str(row["id"]),
        "v": row["version"],
        "g": row["group"],
        "gp": row["gravest"],
        "gn": row["newest"],
        "u": row["under"],
        "n": row["folded"],
        "w": row["waiting"],
        "p": row["priority"],
        "s": row["state"],
        "aside": row["state"] in ASIDE,
        "word": alarm_state_word(row["state"]),
        "title": situation if folded else name(row["title"]),
        "said": _of_lead(row) if folded else name(row["said"]),
        "one": name(row["title"]),
        "place": " · ".join(p for p in map(name, row["place"]) if p) or MISSING,
        "at": row["raised_at"],
        "since": since(row["raised_at"], now),
        "full": full_time(row["raised_at"]),
        "who": row["owner"] or MISSING,
        "until": _until(row, now),
        "case": row["case_no"] or "",
        "marks": _marks(row),
    }


def _of_lead(row: ConsoleRow) -> str:
    return _("{alarm}: {said}").format(alarm=name(row["title"]), said=name(row["said"]))


def _until(row: ConsoleRow, now: float) -> str:
    if row["until"] is None:
        return ""
    said = since(row["until"], now) if row["until"] - now < 20 * 3600 else day_time(row["until"])
    return _("until {time}").format(time=said)


def _marks(row: ConsoleRow) -> list[str]:
    said = []
    if row["count"] > 1:
        said.append(_("{n} times").format(n=number(row["count"])))
    if row["latched"]:
        said.append(_("Latched"))
    if not row["active"] and row["state"] not in ("returned_unacknowledged", "normal"):
        said.append(_("Condition is over"))
    if row["planned"]:
        said.append(_("Planned: {why}").format(why=row["planned"]))
    return said
