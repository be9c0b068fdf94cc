"""What every screen and file of an exercise carries, so that nobody takes it for real."""

from __future__ import annotations

from html import escape

from data.exercise import PREFIX
from data.settings import settings


def prefixed(text: str) -> str:
    """Return a title with the mark of an exercise where these processes are one."""
    return f"{PREFIX}{text}" if settings().exercise and PREFIX not in text else text


def marked_index(index: str, title: str) -> str:
    """Return the frame of every page with the hatched border and the words on it."""
    words = f"{PREFIX} {title} · EXERCISE · {PREFIX}"
    return index.replace("<html>", f'<html data-exercise="{escape(words, quote=True)}">', 1)
