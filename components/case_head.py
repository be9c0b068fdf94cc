"""The head of a case: what it is, how grave, where it stands, who has it, how long is left."""

from __future__ import annotations

from datetime import datetime

from dash import html
from dash.development.base_component import Component

from components.case_times import between, full, stamp, ticking
from components.formats import MISSING
from components.i18n import N_, _, name, ngettext
from components.loop_words import closing_word, colour_word, holder_word, state_word
from components.theme import badge
from data.cases.page import CasePage, Head
from data.vocabulary import ENDED, CaseState, Holder

CHANNELS = {
    "platform": N_("from a platform"),
    "desk": N_("taken at the desk"),
    "phone": N_("by telephone"),
    "hand": N_("entered by hand"),
    "warning": N_("from a warning"),
    "patrol": N_("found on patrol"),
}
COUNTS = (
    ("rework", N_("Reworks {n}")),
    ("returns", N_("Returns {n}")),
    ("transfers", N_("Transfers {n}")),
    ("extensions", N_("Extensions {n}")),
    ("suspensions", N_("Suspensions {n}")),
)


def case_head(page: CasePage) -> list[Component]:
    """Return the inside of the head."""
    head = page.head
    return [
        html.Div([_title(head), _line(head)], className="what"),
        html.Div(_holder(page), className="held"),
        html.Div(_left(page), className="left"),
    ]


def _title(head: Head) -> html.Div:
    said: list[Component | None] = [
        badge(head.level),
        html.H2(head.title or name(head.category_name)),
        html.Span(state_word(head.state), className=f"state st-{head.state}"),
    ]
    if head.supervised:
        said.append(_card(head.supervised))
    return html.Div([s for s in said if s], className="tl")


def _card(colour: int) -> html.Span:
    return html.Span(colour_word(colour), className=f"rung rung-{colour}")


def _line(head: Head) -> html.P:
    said = [head.no, name(head.category_name), name(head.domain_name), channel_word(head)]
    for field, word in COUNTS:
        count = getattr(head, field)
        if count:
            said.append(_(word).format(n=count))
    return html.P(" · ".join(s for s in said if s), className="dim2 cl1")


def channel_word(head: Head) -> str:
    """Return how the case came in; a platform by its name."""
    if head.channel == "platform":
        return _("from {source}").format(source=name(head.source_name))
    return _(CHANNELS[head.channel]) if head.channel in CHANNELS else head.channel


def _holder(page: CasePage) -> list[Component]:
    head = page.head
    if head.state in ENDED:
        return [html.Span(_("Ended"), className="l"), html.B(_end_word(head)), _at(head.closed_at)]
    who = name(head.department_name) if head.holder != Holder.CENTRE else ""
    word = holder_word(head.holder)
    since = html.Span(
        _("for {time}").format(time=between(head.held_since, page.now)) if head.held_since else "",
        className="dim2",
    )
    main = who or word
    more = f"{word} " if who and head.holder != Holder.DEPARTMENT else ""
    return [html.Span(_("Held by"), className="l"), html.B(main), html.Span([more, since])]


def _end_word(head: Head) -> str:
    if head.state == CaseState.CLOSED and head.closing:
        return closing_word(head.closing)
    return state_word(head.state)


def _at(at: datetime | None) -> html.Span:
    return html.Span(stamp(at) if at else MISSING, className="dim2")


def _left(page: CasePage) -> list[Component]:
    head = page.head
    if head.state in ENDED:
        return _ended_in_time(head)
    still = head.state == CaseState.SUSPENDED
    left = html.B(_("Clock stands")) if still else ticking(head.due_at)
    said: list[Component] = [html.Span(_("Time left"), className="l"), left]
    if head.due_at:
        said.append(html.Span(_("due {time}").format(time=full(head.due_at)), className="dim2"))
    if still:
        stands = _("stands still: moved on by the suspension when handling is resumed")
        said.append(html.Span(stands, className="dim2"))
    elif head.stage_due_at and head.stage_due_at != head.due_at:
        said.append(
            html.Span([_("this step"), " ", ticking(head.stage_due_at)], className="step dim2")
        )
    return said


def _ended_in_time(head: Head) -> list[Component]:
    label = html.Span(_("Deadline"), className="l")
    if head.due_at is None or head.closed_at is None:
        return [label, html.B(_("No deadline"))]
    late = head.closed_at > head.due_at
    word = _("{t} over").format(t=between(head.due_at, head.closed_at)) if late else _("In time")
    due = html.Span(_("due {time}").format(time=full(head.due_at)), className="dim2")
    return [label, html.B(word, className="od" if late else ""), due]


def source_note(head: Head) -> Component | None:
    """Return what is to be known of who moves the case: mirrored, or led here while another tells.

    None for a case that was always ours.
    """
    if head.run_id == 0 and head.source_said is None:
        return None
    who = name(head.source_name)
    if head.led_since is None:
        text = _("Mirrored: {source} moves this case; the first act here takes the lead.")
        return html.P(text.format(source=who), className="mirror")
    said = [_("Led here since {time}.").format(time=full(head.led_since))]
    if head.source_said:
        told = _("{source} says: {state}. It moves nothing here.")
        said.append(told.format(source=who, state=state_word(head.source_said)))
    return html.P(" ".join(said), className="mirror led")


def counted(count: int) -> str:
    """Return how many events a case has."""
    return ngettext("{n} event", "{n} events", count)
