"""Supervision cards that explain themselves, and cases that nobody owns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from components.empty import calm
from components.formats import day_time, number
from components.i18n import N_, _, name, ngettext
from components.ids import marks
from components.supervision_ids import WatchView, address, owner_act_id, owner_field_id
from components.supervision_table import card_mark, length
from data.vocabulary.supervision import CardLine, OwnerLine, SupervisionBoard

STATE_WORDS = {
    "active": N_("stands"),
    "answered": N_("answered"),
    "appealed": N_("appealed, frozen until decided"),
    "upheld": N_("appeal refused, stands"),
    "withdrawn": N_("withdrawn after appeal"),
    "ended": N_("case is over"),
}
EVENT_WORDS = {
    "raised": N_("raised"),
    "ended": N_("case is over"),
    "appealed": N_("appealed"),
    "upheld": N_("appeal refused"),
    "withdrawn": N_("withdrawn"),
    "answered": N_("answered"),
    "by_hand": N_("raised by hand"),
}
WHY_WORDS = {
    "transfers": N_("sent on three times, nobody began"),
    "rework": N_("done again three times"),
    "disputed": N_("disputed"),
}


LADDER = "ladder"
"""Who the rules are where an actor is named."""


def card_event_word(action: str) -> str:
    """Return the word of what was done to a card."""
    return _(EVENT_WORDS[action]) if action in EVENT_WORDS else action


def card_list(board: SupervisionBoard) -> list[Component]:
    """Return the cards, gravest first."""
    cards = board["cards"]
    if not cards:
        return [calm(_("No card stands"))]
    found: list[Component] = [_card(card, board["as_of"]) for card in cards]
    if board["more_cards"]:
        found.append(html.P(_("More cards than are shown: choose a group"), className="hint"))
    return found


def _card(card: CardLine, now: float) -> html.Article:
    over = card["ended_at"] is not None
    head = [
        card_mark(card["colour"]),
        html.B(name(card["rule_name"])),
        html.Span(_(STATE_WORDS.get(card["state"], card["state"])), className="dim2"),
    ]
    where = " · ".join((name(card["department_name"]), name(card["county"])))
    body: list[Component] = [
        html.A([html.Span(card["case_no"], className="no"), " ", card["title"]],
               href=f"/case/{card['case_no']}", className="go cl1"),
        html.Div(where, className="dim2"),
        html.Div(_("Grounds: {why}").format(why=grounds(card["evidence"])), className="why"),
        html.Div(_rule(card), className="dim2"),
    ]  # fmt: skip
    if not over and name(card["next_step"]):
        body.append(_next(card, now))
    if card["answer"]:
        body.append(html.Div(_("Answer: {text}").format(text=card["answer"])))
    body.append(_history(card))
    return html.Article(
        [html.Header(head), *body], className=f"scard c-{card['colour']}{' over' if over else ''}"
    )


def _rule(card: CardLine) -> str:
    said = _("Rule {code}, version {version}").format(
        code=card["rule"], version=card["rule_version"]
    )
    return " · ".join(p for p in (said, name(card["basis"])) if p)


def _next(card: CardLine, now: float) -> html.Div:
    when = card["next_step_at"]
    said: list[Any] = [_("Next: {step}").format(step=name(card["next_step"]))]
    if when is not None:
        day = html.Span(day_time(when), className="od" if when < now else "")
        said += [" · ", day]
    return html.Div(said, className="next")


def _history(card: CardLine) -> html.Ol:
    lines = [
        html.Li(
            " ".join(
                p
                for p in (
                    day_time(e["at"]),
                    card_event_word(e["action"]),
                    "" if e["actor"] == LADDER else e["actor"],
                    e["note"],
                )
                if p
            )
        )
        for e in card["history"]
    ]
    return html.Ol(lines, className="hist")


def grounds(evidence: Mapping[str, Any]) -> str:
    """Return on what a card stands, from the evidence that was kept with it."""
    if "left_s" in evidence:
        return _("{t} left of its limit").format(t=length(evidence["left_s"]))
    if "over_s" in evidence:
        return _("{t} over its limit").format(t=length(evidence["over_s"]))
    if "times" in evidence:
        said = ngettext("{n} case over its limit", "{n} cases over their limit", evidence["times"])
        return _("{what} within {days} days").format(what=said, days=evidence["within_days"])
    if "gap" in evidence:
        return _("{gap} points behind: {done} of {steps} steps done").format(
            gap=number(evidence["gap"], 1), done=evidence["done"], steps=evidence["steps"]
        )
    told = " · ".join(f"{key} {value}" for key, value in evidence.items() if key != "note")
    return str(evidence.get("note", "")) or told or _("by hand")


def owner_list(board: SupervisionBoard, view: WatchView, *, deciding: bool) -> list[Component]:
    """Return the cases that wander; deciding: whether the reader may say whose they are."""
    if not board["owners"]:
        return [calm(_("Every case has an owner"))]
    first = sorted(board["owners"], key=lambda item: item["id"] != view.item)  # its form is seen
    return [_owner(board, item, view, deciding=deciding) for item in first]


def _owner(
    board: SupervisionBoard, item: OwnerLine, view: WatchView, *, deciding: bool
) -> html.Article:
    why = _("{why} · sent on {transfers}, done again {rework}").format(
        why=_(WHY_WORDS.get(item["why"], item["why"])),
        transfers=item["transfers"], rework=item["rework"],
    )  # fmt: skip
    body: list[Component] = [
        html.A([html.Span(item["case_no"], className="no"), " ", item["title"]],
               href=f"/case/{item['case_no']}", className="go cl1"),
        html.Div(" · ".join((name(item["category_name"]), name(item["county"]))), className="dim2"),
        html.Div(why, className="why"),
        html.Div(_("Has it now: {who}").format(who=name(item["department_name"]))),
    ]  # fmt: skip
    if item["decided_at"] is not None:
        said = _("Decided: {who}, by {name}, {time}").format(
            who=name(item["decision"]), name=item["decided_name"], time=day_time(item["decided_at"])
        )
        body.append(html.Div(f"{said} · {item['reason'] or ''}", className="dim2"))
    elif deciding and view.item == item["id"]:
        body.append(_form(board, item))
    elif deciding:
        way = address(view, item=item["id"])
        body.append(dcc.Link(_("Decide whose it is"), href=way, className="btn"))
    return html.Article(body, className="scard owner")


def _form(board: SupervisionBoard, item: OwnerLine) -> html.Div:
    options = [{"label": name(n), "value": key} for key, n in board["departments"].items()]
    fields = [
        html.Label([html.Span(_("Lead department from now on")), _select(options)]),
        html.Label(
            [
                html.Span(_("Reason")),
                dcc.Input(id=owner_field_id("reason"), className="inp", maxLength=500, value=""),
            ]
        ),
    ]
    act = html.Button(
        _("Decide: becomes a new version of the duty"), id=owner_act_id(item["id"]), n_clicks=0,
        className="btn main", type="button",
    )  # fmt: skip
    return html.Div([*fields, html.Div(act, className="acts")], className="form")


def _select(options: list[dict[str, str]]) -> dcc.Dropdown:
    return dcc.Dropdown(
        options, id=owner_field_id("department"), clearable=False, className="pick2",
        **marks({"placeholder": _("Choose")}),
    )  # fmt: skip
