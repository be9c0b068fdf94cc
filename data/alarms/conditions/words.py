"""One line of why, in both languages."""

from __future__ import annotations

from data.catalogue.entries import Indicator
from data.vocabulary import Names


def both(zh: str, en: str) -> Names:
    """Return one name in both languages."""
    return Names(zh=zh, en=en)


def amount(value: float, decimals: int = 0) -> str:
    """Return a number as it is read, with no more places than it needs."""
    text = f"{value:.{decimals}f}"
    return f"{value:g}" if decimals == 0 and value != int(value) else text


def measure(indicator: Indicator, value: float) -> Names:
    """Return a value with its unit."""
    text = amount(value, indicator.decimals)
    zh, en = indicator.unit["zh"], indicator.unit["en"]
    gap = "" if zh in ("%", "‰") else " "
    return both(f"{text}{gap}{zh}", f"{text}{'' if en in ('%', '‰') else ' '}{en}")


def span(seconds: float) -> Names:
    """Return a length of time as people say it."""
    minutes = max(0, round(seconds / 60))
    if minutes < 120:
        return both(f"{minutes}分钟", f"{minutes} min")
    hours = minutes / 60
    if hours < 72:
        return both(f"{hours:.0f}小时", f"{hours:.0f} h")
    return both(f"{hours / 24:.0f}天", f"{hours / 24:.0f} d")
