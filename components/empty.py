"""What stands on the wall when there is nothing to show, or when drawing failed."""

from __future__ import annotations

from dash import html

from components.i18n import _


def waiting() -> html.Div:
    """Return the body of a panel that has never received anything."""
    return _said("empty", _("No data yet"), _("Nothing has arrived for this panel."))


def calm(word: str) -> html.Div:
    """Return the body of a panel whose good news is that it is empty."""
    return _said("empty calm", word, None)


def failed() -> html.Div:
    """Return the body of a panel that could not be drawn; old content must not stay."""
    return _said("empty failed", _("Cannot be shown"), _("This panel failed; the others go on."))


def _said(classes: str, word: str, more: str | None) -> html.Div:
    return html.Div([html.B(word), html.Span(more)] if more else html.B(word), className=classes)
