"""What became of an act: done, refused with the reason, or overtaken by somebody else's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from dash import html
from dash.development.base_component import Component

from components.case_times import full
from components.i18n import _, name
from components.loop_words import act_word, refusal_words, state_word
from data.cases.change import Refusal
from data.catalogue import Catalogue
from data.vocabulary import CaseAct


class Step(Protocol):
    """One event that was not seen yet."""

    @property
    def at(self) -> datetime:
        """When it was."""

    @property
    def actor(self) -> str:
        """Who did it."""

    @property
    def action(self) -> str:
        """What was done."""

    @property
    def state(self) -> str | None:
        """Where it led, None if the state stayed."""

    @property
    def department(self) -> str | None:
        """Key of the department that leads after it."""

    @property
    def note(self) -> str | None:
        """The words given with it."""


class Overtaken(Protocol):
    """An act that came too late: nothing was changed."""

    @property
    def since(self) -> Sequence[Step]:
        """What happened meanwhile, oldest first."""

    @property
    def state(self) -> str:
        """Where the case stands now."""


def acted(act: CaseAct, version: int) -> str:
    """Return that an act is done."""
    return _("Done: {act} (version {n})").format(act=act_word(act), n=version)


def refused(refusal: Refusal, fields: Sequence[str]) -> tuple[dict[str, str], str]:
    """Return the words beside a field, and those in the form where no field is to blame.

    fields: the names of the fields that the form shows.
    """
    words = refusal_words(refusal)
    field = refusal.params.get("field")
    if field in fields:
        return {str(field): words}, ""
    return {}, words


def overtaken(conflict: Overtaken, catalogue: Catalogue) -> list[Component]:
    """Return what changed since the form was opened, and that the person is to choose again."""
    said = _("Nothing was changed: somebody was faster. The case is now: {state}.")
    rows = [html.Li(_step(s, catalogue)) for s in conflict.since]
    again = _("What you typed is kept. Confirm again if it still holds, or cancel.")
    return [
        html.P(said.format(state=state_word(conflict.state)), className="why"),
        html.Ul(rows, className="since"),
        html.P(again),
    ]


def _step(step: Step, catalogue: Catalogue) -> list[Component | str]:
    department = catalogue.departments.get(step.department or "")
    parts = [act_word(step.action), step.actor]
    if step.state:
        parts.append(f"→ {state_word(step.state)}")
    if department:
        parts.append(name(department.name))
    said: list[Component | str] = [html.Time(full(step.at)), " ", " · ".join(parts)]
    return [*said, html.Span(step.note, className="note")] if step.note else said
