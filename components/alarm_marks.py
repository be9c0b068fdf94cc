"""What the wall says of alarms: a red bar in its head, a flood, counts in its foot, the sound."""

from __future__ import annotations

import json

from dash import html
from dash.development.base_component import Component

from components.formats import hour_minute, number
from components.i18n import _, name
from components.ids import Ids, Props, marks
from components.theme import look, shape
from data.vocabulary.alarms import AlarmRow, AlarmsPanel, AlarmState

PATH = "/alerts"
MUTE_S = 1800
"""A muted screen sounds again by itself after this long; the screen says when."""
SOUNDS = 2
"""Alarms of this priority or a graver one sound."""


def alarm_bars(fill: Props) -> html.Div:
    """Return the place of the red bar and of the flood, empty while all is calm."""
    return html.Div(
        id=Ids.ALARMS, **{"className": "halarm", **fill.get(Ids.ALARMS, {})},
        **marks({"data-panel": "alarms"}),
    )  # fmt: skip


def alarm_counts(fill: Props) -> html.Div:
    """Return the place of the counts in the foot."""
    counts = fill.get(Ids.ALARM_COUNTS, {"children": _("Alarms: no data yet")})
    return html.Div(id=Ids.ALARM_COUNTS, className="alc", **counts)


def sound_button() -> html.Button:
    """Return the mark of the sound; the browser knows whether it may sound, and writes it."""
    words = {
        "on": _("Sound on"),
        "off": _("Sound off: click"),
        "muted": _("Muted until {time}"),
        "why": _("The browser plays nothing before a click; a kiosk is started with a flag"),
        "mute": _("Mute for {n} min").format(n=MUTE_S // 60),
    }
    return html.Button(
        id=Ids.SOUND, type="button", className="snd",
        **marks({"data-words": json.dumps(words, ensure_ascii=False), "data-mute-s": MUTE_S}),
    )  # fmt: skip


def alarm_props(payload: AlarmsPanel) -> Props:
    """Return what the alarms' payload changes: nothing in the head unless something is grave."""
    red, top = payload["red"], payload["top"]
    rows: list[Component] = [_mark(payload)]
    if red is not None:
        rows.append(_red_bar(red))
    if payload["flood"] is not None:
        rows.append(_flood(payload, None if red is not None else next(iter(top), None)))
    return {
        Ids.ALARMS: {"children": rows},
        Ids.ALARM_COUNTS: {"children": _counts(payload)},
    }


def _mark(payload: AlarmsPanel) -> html.Span:
    """Return what the sound goes by: when the newest came, and the grave ones nobody acknowledged.

    Alarms as number:priority, so that one that got worse is new as well.
    """
    grave = ",".join(
        f"{row['id']}:{row['priority']}"
        for row in payload["top"]
        if row["state"] == AlarmState.UNACKNOWLEDGED.value and row["priority"] <= SOUNDS
    )
    told = marks({"data-newest": payload["newest"] or 0, "data-grave": grave})
    return html.Span(className="heard", hidden=True, **told)


def _red_bar(row: AlarmRow) -> html.Div:
    """Return the filled bar of an alarm that nobody acknowledged; its symbol blinks until then."""
    found = look(row["priority"])
    word = _(found.word) if found else ""
    said = " · ".join(p for p in (word, name(row["area_name"]), name(row["title"])) if p)
    inside: list[Component] = [shape(row["priority"], "ink"), html.Span(said, className="cl")]
    if row["folded"]:
        more = _("+{n} more").format(n=number(row["folded"]))
        inside.append(html.Span(more, className="plus"))
    return html.Div(inside, className="redbar alarm unseen", role="alert", title=name(row["said"]))


def _flood(payload: AlarmsPanel, first: AlarmRow | None) -> html.Div:
    said = _("{n} alarms in 10 min").format(n=number(payload["flood_count"]))
    tail = html.Span(_(", the gravest first"), className="tail")
    inside: list[Component] = [html.Span([said, tail], className="od")]
    if first is not None:
        title = f"{name(first['area_name'])} · {name(first['title'])}"
        inside += [shape(first["priority"]), html.Span(title, className="cl")]
    since = _("since {time}").format(time=hour_minute(payload["flood"]))
    return html.Div(inside, className="flood", role="status", title=since)


def _counts(payload: AlarmsPanel) -> list[Component]:
    open_ = [(level, payload["counts"].get(str(level), 0)) for level in (1, 2, 3, 4)]
    shown: list[Component] = [html.Span(_("Alarms"))]
    if not any(n for _level, n in open_):
        shown.append(html.Span(_("none now")))
    for level, n in open_:
        if n:
            shown.append(html.Span([shape(level), html.B(number(n))], className="ac"))
    if payload["unacknowledged"]:
        said = _("{n} unacknowledged").format(n=number(payload["unacknowledged"]))
        shown.append(html.Span(said, className="un"))
    link = html.A(shown, href=PATH, className="acs")
    return [link, *_faults(payload)]


def _faults(payload: AlarmsPanel) -> list[Component]:
    """Return what of the alarms' own ways is broken, one small word each."""
    words = (
        (payload["undelivered"], _("{n} notices undelivered")),
        (payload["lost_screens"], _("{n} screens lost")),
    )
    return [html.Span(word.format(n=number(n)), className="src bad") for n, word in words if n]
