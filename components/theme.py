"""What a level and a state look like: colour, shape, digit and word. Never colour alone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from urllib.parse import quote

from dash import html

from components.i18n import N_, _
from data.vocabulary import Level, SourceState, Stage, Status

INK = "#101418"
GREY = "#66717C"
TREND = "#9DB2C4"
BAND = "#3A4550"
LIMIT = "#7A8896"
TEXT, TEXT_2 = "#E8ECEF", "#AEB8C2"
MAP_LOW, MAP_HIGH, MAP_LINE = "#242C35", "#4C5B6A", "#7A8896"
FONTS = (
    "'HY Core','Noto Sans SC Variable','HY Extra','Microsoft YaHei','PingFang SC',"
    "'Noto Sans CJK SC',sans-serif"
)


@dataclass(frozen=True)
class LevelLook:
    """One statutory level. `outline` is drawn in a 24 by 24 box; `size` is the map marker's, px."""

    fill: str
    symbol: str
    word: str
    outline: str
    size: int


LEVELS: dict[int, LevelLook] = {
    Level.RED: LevelLook("#E8414B", "triangle-up", N_("Red"), "M12 1.5 23.2 22H.8Z", 34),
    Level.ORANGE: LevelLook("#F0983C", "diamond", N_("Orange"), "M12 .8 23.2 12 12 23.2.8 12Z", 30),
    Level.YELLOW: LevelLook("#F9E987", "square", N_("Yellow"), "M2 2h20v20H2Z", 22),
    Level.BLUE: LevelLook(
        "#3B8BD6", "circle", N_("Blue"), "M12 1a11 11 0 1 0 0 22 11 11 0 0 0 0-22Z", 22
    ),
}
"""The four levels, gravest first."""

# Digits are strokes, not text: text inside a data-URI image does not get the page's fonts.
_DIGITS: dict[int, str] = {
    Level.RED: "M10.2 12.1 12.3 10.6V19.6",
    Level.ORANGE: "M9.3 9.6C9.6 6.9 14.7 6.8 14.7 9.7 14.7 11.9 10.6 13.9 9.3 16.6H15",
    Level.YELLOW: (
        "M9.3 8.2C10.4 6.9 14.5 6.8 14.5 9.4 14.5 11.2 12.9 11.7 11.4 11.7 "
        "13.1 11.7 14.9 12.4 14.9 14.3 14.9 17.2 10.3 17.2 9 15.6"
    ),
    Level.BLUE: "M13.7 17V7.2L8.9 14.1H15.6",
}

STATUS_WORDS: dict[str, str] = {
    Status.NORMAL: N_("Normal"),
    Status.WATCH: N_("Watch"),
    Status.ALERT: N_("Alert"),
    Status.STALE: N_("Data late"),
    Status.NO_DATA: N_("No data"),
}

SOURCE_WORDS: dict[str, str] = {
    SourceState.NEVER: N_("never received"),
    SourceState.FRESH: N_("normal"),
    SourceState.LATE: N_("late"),
    SourceState.SILENT: N_("silent"),
    SourceState.FAILED: N_("failed"),
}

STAGE_WORDS: dict[str, str] = {
    Stage.REPORTED: N_("Reported"),
    Stage.OPENED: N_("Opened"),
    Stage.DISPATCHED: N_("Dispatch"),
    Stage.HANDLING: N_("Handling"),
    Stage.CHECKING: N_("Checking"),
    Stage.CLOSED: N_("Closed"),
}


def look(level: int) -> LevelLook | None:
    """Return how a level looks; None for no level at all."""
    return LEVELS.get(level)


def image(svg: str) -> str:
    """Return an SVG document as the address of an image."""
    return "data:image/svg+xml," + _UNSAFE.sub(lambda found: quote(found[0]), svg)


_UNSAFE = re.compile(r"[^A-Za-z0-9_.~()*!'/:=<> ,;-]+")
"""What an address must not hold; looking at each of thousands of letters costs a millisecond."""


@cache
def shape_address(level: int, kind: str = "fill") -> str:
    """Return the badge image of one level: its shape and, in it, its digit.

    Kind is "fill" (the level's colour), "grey" (nothing of that level now) or
    "ink" (on a ground that has the level's colour already).
    """
    found, digit = LEVELS[level], _DIGITS[level]
    fill = {"fill": found.fill, "grey": GREY, "ink": INK}[kind]
    pen = TEXT if kind == "ink" else INK
    return image(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">'
        f'<path d="{found.outline}" fill="{fill}"/>'
        f'<path d="{digit}" fill="none" stroke="{pen}" stroke-width="2.1" '
        'stroke-linecap="round" stroke-linejoin="round"/></svg>'
    )


def shape(level: int, kind: str = "fill") -> html.Img:
    """Return the shape of one level; its digit is read aloud as text."""
    return html.Img(
        src=shape_address(level, kind), alt=str(int(level)), className=f"shape shape-{level}"
    )


def badge(level: int) -> html.Span | None:
    """Return shape, digit and colour word of a level; None for no level."""
    found = look(level)
    if found is None:
        return None
    return html.Span([shape(level), html.Span(_(found.word))], className=f"bdg lv-{level}")


def status_word(status: str) -> str:
    """Return the word of a state of a value."""
    return _(STATUS_WORDS[status])


def source_word(state: str) -> str:
    """Return the word of a state of a source; an unknown state is shown as it came."""
    return _(SOURCE_WORDS[state]) if state in SOURCE_WORDS else state


def stage_word(stage: str) -> str:
    """Return the word of a stage; an unknown stage is shown as it came."""
    return _(STAGE_WORDS[stage]) if stage in STAGE_WORDS else stage
