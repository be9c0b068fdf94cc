"""What a control chart says of a point, and of a target, as a small picture with its word.

No two pictures share an outline, and none has the outline of a level: a ring, an octagon, a
square with round corners, a plain wave. Colour only repeats what outline, arrow and word say.
"""

from __future__ import annotations

from functools import cache

from dash import html

from components.i18n import N_, _
from components.ids import marks
from components.theme import image
from data.vocabulary import Direction
from data.vocabulary.review_terms import Assurance, Signal

PAPER_INK, PAPER_INK_2, PAPER_INK_3 = "#1B2127", "#4A5560", "#66717C"
PAPER_LINE, PAPER_GROUND = "#9AA4AE", "#E4E9ED"
CONCERN, IMPROVEMENT, TREND = "#E58A2E", "#2F78BD", "#3F5B75"

VARIATIONS: dict[tuple[str, bool | None], str] = {
    (Signal.COMMON, None): N_("Common variation"),
    (Signal.IMPROVEMENT, True): N_("Improving, higher"),
    (Signal.IMPROVEMENT, False): N_("Improving, lower"),
    (Signal.IMPROVEMENT, None): N_("Improving"),
    (Signal.CONCERN, True): N_("Concern, higher"),
    (Signal.CONCERN, False): N_("Concern, lower"),
    (Signal.CONCERN, None): N_("Concern"),
    (Signal.NEUTRAL, True): N_("Unusual, higher"),
    (Signal.NEUTRAL, False): N_("Unusual, lower"),
    (Signal.NEUTRAL, None): N_("Unusual"),
}
ASSURANCES: dict[str, str] = {
    Assurance.HIT: N_("Will hit"),
    Assurance.MISS: N_("Will miss"),
    Assurance.EITHER: N_("Hit and miss"),
    Assurance.NO_TARGET: N_("No target"),
    Assurance.TOO_FEW: N_("Too few weeks"),
}

_ARROWS = {True: "M12 17.5V7M7.5 11 12 6.5l4.5 4.5", False: "M12 6.5V17M7.5 13l4.5 4.5 4.5-4.5"}
_MARK = "M12 6.5v7M12 16.2v1.3"
"""Of a signal without a side."""
_OCTAGON = "M8 2h8l6 6v8l-6 6H8l-6-6V8Z"
_WAVE = "M2.5 13.5C5 7.5 7.5 7.5 10 12s5 4.5 7.5 0 3.5-4 4-4.5"


def side(signal: Signal, direction: str, value: float | None, centre: float | None) -> bool | None:
    """Return whether a signal is on the high side; None where nothing says it.

    Where a direction is better it says it: an improvement of what should be low is low.
    """
    if signal == Signal.COMMON:
        return None
    if direction in (Direction.HIGHER, Direction.LOWER) and signal != Signal.NEUTRAL:
        return (direction == Direction.HIGHER) == (signal == Signal.IMPROVEMENT)
    if value is None or centre is None or value == centre:
        return None
    return value > centre


def variation_word(signal: Signal, up: bool | None = None) -> str:
    """Return what a point says, in words."""
    return _(VARIATIONS[(signal, None if signal == Signal.COMMON else up)])


def assurance_word(assurance: Assurance) -> str:
    """Return whether the target is met in the long run, in words."""
    return _(ASSURANCES[assurance])


@cache
def variation_address(signal: Signal, up: bool | None = None) -> str:
    """Return the picture of a signal as a data address."""
    arrow = _MARK if up is None else _ARROWS[up]
    if signal == Signal.IMPROVEMENT:
        return _picture(
            f"<circle cx='12' cy='12' r='9.5' fill='#fff' stroke='{IMPROVEMENT}' stroke-width='3'/>"
            + _stroke(arrow, IMPROVEMENT, 2.6)
        )
    if signal == Signal.CONCERN:
        return _picture(
            f"<path d='{_OCTAGON}' fill='{CONCERN}' stroke='{PAPER_INK}' stroke-width='1.4'/>"
            + _stroke(arrow, PAPER_INK, 2.6)
        )
    if signal == Signal.NEUTRAL:
        return _picture(
            "<rect x='2' y='2' width='20' height='20' rx='6' fill='#fff' "
            f"stroke='{PAPER_INK_2}' stroke-width='2'/>" + _stroke(arrow, PAPER_INK_2, 2.4)
        )
    return _picture(_stroke(_WAVE, PAPER_LINE, 2.2))


@cache
def assurance_address(assurance: Assurance) -> str:
    """Return the picture of an assurance: where the process lies to its target's line."""
    line = f"<path d='M1 12h22' stroke='{PAPER_INK_2}' stroke-width='1.6' stroke-dasharray='3 2'/>"
    if assurance == Assurance.HIT:
        return _picture(
            f"<rect x='1.5' y='1.5' width='21' height='21' rx='10.5' fill='{IMPROVEMENT}'/>"
            + _stroke("M6.5 12.5 10.5 16.5 17.5 8", "#fff", 2.8)
        )
    if assurance == Assurance.MISS:
        return _picture(
            f"<path d='{_OCTAGON}' fill='#fff' stroke='{CONCERN}' stroke-width='3'/>"
            + _stroke("M8 8l8 8M16 8l-8 8", PAPER_INK, 2.6)
        )
    if assurance == Assurance.EITHER:
        return _picture(line + _stroke("M2 16.5 7 7l5 10 5-10 5 9.5", PAPER_INK_2, 2.2))
    if assurance == Assurance.NO_TARGET:
        return _picture(_stroke("M6 12h12", PAPER_LINE, 2.2))
    dots = "".join(f"<circle cx='{x}' cy='12' r='1.8'/>" for x in (6, 12, 18))
    return _picture(f"<g fill='{PAPER_LINE}'>{dots}</g>")


def _stroke(path: str, colour: str, width: float) -> str:
    return (
        f"<path d='{path}' fill='none' stroke='{colour}' stroke-width='{width:g}' "
        "stroke-linecap='round' stroke-linejoin='round'/>"
    )


def _picture(inner: str) -> str:
    return image(f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24'>{inner}</svg>")


def variation_icon(signal: Signal, up: bool | None = None, *, worded: bool = True) -> html.Span:
    """Return shape, colour and word of a signal; worded False: the word only for those who ask."""
    return _icon(_variation_class(signal, up), variation_word(signal, up), worded=worded)


def assurance_icon(assurance: Assurance, *, worded: bool = True) -> html.Span:
    """Return shape and word of an assurance."""
    return _icon(f"a-{Assurance(assurance).value}", assurance_word(assurance), worded=worded)


def _icon(kind: str, word: str, *, worded: bool) -> html.Span:
    if worded:
        return html.Span(word, className=f"spc {kind}")
    said = marks({"role": "img", "aria-label": word})
    return html.Span(className=f"spc {kind}", title=word, **said)


def _variation_class(signal: Signal, up: bool | None) -> str:
    turned = {True: "-up", False: "-down", None: ""}[None if signal == Signal.COMMON else up]
    return f"s-{Signal(signal).value}{turned}"


def icon_styles() -> str:
    """Return the rules that draw every icon once for a page; `assets/review/icons.css` is this."""
    lines = ["/* Pictures of signals and assurances; written by components/spc_icons.py. */"]
    for signal, up in VARIATIONS:
        kind = _variation_class(Signal(signal), up)
        lines.append(_rule(kind, variation_address(Signal(signal), up)))
    lines += [_rule(f"a-{a.value}", assurance_address(a)) for a in Assurance]
    return "\n".join(lines) + "\n"


def _rule(kind: str, address: str) -> str:
    return f'.spc.{kind}::before{{background-image:url("{address}")}}'
