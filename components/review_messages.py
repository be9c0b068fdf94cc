"""The key messages: written by rules, each with its evidence, worded anew by hand if need be."""

from __future__ import annotations

from collections.abc import Sequence

from dash import dcc, html
from dash.development.base_component import Component

from components.formats import day_time
from components.i18n import _, language
from components.ids import marks
from components.review_ids import act_id, field_id, told_id
from components.review_parts import nothing, section
from components.review_promises import Rights
from components.review_sentences import message_parts, message_text
from components.theme import shape
from data.vocabulary.meeting import Edit
from data.vocabulary.review import Message, Review

LONGEST = 600


def key_messages(review: Review, edits: Sequence[Edit], rights: Rights) -> html.Section:
    """Return the messages, strongest first, as somebody worded them or as their rules do."""
    by_hand = {edit["key"]: edit for edit in edits if edit["text"].get(language())}
    lines: list[Component] = [
        _message(m, review, by_hand.get(m["key"]), rights) for m in review["messages"]
    ]
    if not lines:
        lines = [nothing(_("No signal that chance would not give as well: nothing to report"))]
    note = _("shape and digit: level; strongest first")
    return section(_("Key messages"), lines, note=note, key="messages")


def _message(message: Message, review: Review, edit: Edit | None, rights: Rights) -> html.Article:
    said: list[Component | str]
    if edit is None:
        lead, rest = message_parts(message, review["areas"])
        said = [html.B(lead), " " if language() == "en" else "", rest]
    else:
        mark = _("worded by hand · {name} · {time}").format(
            name=edit["by"], time=day_time(edit["at"])
        )
        said = [edit["text"][language()], " ", html.Span(mark, className="hand")]
    if message["evidence"]:
        code = message["evidence"]
        said += [" ", html.A(code, href=f"/e/{code}", className="code")]
    inside: list[Component] = [html.P(said)]
    if rights.edit:
        inside.append(_form(message, review, edit))
    return html.Article([shape(message["level"]), html.Div(inside)], className="msg")


def _form(message: Message, review: Review, edit: Edit | None) -> html.Details:
    key = message["key"]
    kept = f"{review['week']}.{review['area']}.{language()}.{key}.{edit['at'] if edit else 0}"
    now = edit["text"][language()] if edit else message_text(message, review["areas"])
    box = dcc.Textarea(
        id=field_id("wording", key), className="inp", maxLength=LONGEST, value=now,
        persistence=kept, persistence_type="session",
    )  # fmt: skip
    buttons: list[Component] = [
        html.Button(_("Save this wording"), id=act_id("edit", key), n_clicks=0, type="button",
                    className="btn")
    ]  # fmt: skip
    if edit is not None:
        buttons.append(
            html.Button(_("Back to the rule's words"), id=act_id("rule", key), n_clicks=0,
                        type="button", className="btn")
        )  # fmt: skip
    told = html.Span(id=told_id(key), className="told", role="status")
    return html.Details(
        [html.Summary(_("Reword")), box, html.Div([*buttons, told], className="acts")],
        className="fold form", **marks({"data-screen": "1"}),
    )  # fmt: skip
