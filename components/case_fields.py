"""The fields of an act's form: which it shows, and what each can be."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from components.case_ids import field_id, wrong_id
from components.case_times import short
from components.formats import number
from components.i18n import N_, _, name
from components.ids import marks
from components.loop_words import (
    asked_word,
    call_back_word,
    closing_word,
    colour_word,
    field_word,
    link_word,
)
from components.refusal_words import MOVES
from data.cases.fields import Field
from data.cases.page import CasePage
from data.cases.rules import RULES
from data.vocabulary import LOCAL, Asked, CaseAct, CaseState, Closing, LinkKind, Names

A = CaseAct
SHOWN: dict[CaseAct, tuple[str, ...]] = {
    A.OPEN: ("note",),
    A.DISPATCH: ("department", "co_departments", "reason"),
    A.GRANT: ("pending", "until", "note"),
    A.SUPERVISE: ("colour", "note"),
    A.ASSIGN_TASK: ("department", "activity", "due_at"),
    A.MOVE_TASK: ("task", "move", "result"),
    A.STEP_SOP: ("step", "move", "note"),
    A.START_SOP: ("sop",),
    A.CALL_BACK: ("result", "reason"),
}
"""Where a form shows fewer fields than the act knows: the rest is known from the case."""

LABELS: dict[tuple[str, str], str] = {
    (A.REPORT_BACK, "note"): N_("What was done"),
    (A.CHECK_BAD, "note"): N_("What is wrong still"),
    (A.NOTE, "note"): N_("Note"),
    (A.CLOSE, "reason"): N_("Remark"),
    (A.CALL_BACK, "reason"): N_("What the reporter said"),
    (A.MERGE, "parent"): N_("Number of the main case"),
    (A.LINK, "other"): N_("Number of the other case"),
    (A.MOVE_TASK, "task"): N_("Task"),
    (A.STEP_SOP, "move"): N_("Done or skipped"),
}
OTHERWISE = {"note": N_("Remark")}
LONG = frozenset({"note", "reason", "result"})
LINES = {A.REPORT_BACK: 5, A.CHECK_BAD: 4, A.NOTE: 4}


@dataclass(frozen=True)
class Offers:
    """What can be chosen from. departments, sops: key and name. why: of the proposal, in words.

    department, co, sop: what the duties propose.
    """

    departments: Sequence[tuple[str, Names]] = ()
    sops: Sequence[tuple[str, Names]] = ()
    department: str | None = None
    co: Sequence[str] = ()
    sop: str | None = None
    why: Names | None = None


def fields_of(act: CaseAct) -> list[Field]:
    """Return the fields that an act's form shows; a note where it asks for nothing else."""
    rule = RULES[act]
    known = {f.name: f for f in rule.fields}
    names = SHOWN.get(act, tuple(known)) or ("note",)
    return [known.get(n, Field(n, limit=500)) for n in names]


def field(act: CaseAct, spec: Field, page: CasePage, offers: Offers) -> Component | None:
    """Return one field with its label and the place where it says what is wrong with it.

    None where there is nothing to choose: the one open request needs no choosing.
    """
    make = _MAKERS.get(spec.name) or _BY_KIND.get(spec.kind, _text)
    inside = make(act, spec, page, offers)
    if inside is None:
        return None
    label = LABELS.get((act, spec.name), OTHERWISE.get(spec.name))
    word = _(label) if label else field_word(spec.name)
    said: list[Component | str] = [word]
    if not spec.required:
        said.append(html.Em(_("if needed")))
    limit = {"data-limit": str(spec.limit)} if spec.kind in ("text", "code") else {}
    return html.Div(
        [
            _named(said, inside),
            html.Span(
                id=wrong_id(act.value, spec.name), className="wrong", role="alert",
            ),
        ],
        className=f"fld f-{spec.kind} n-{spec.name}",
        **marks({"data-field": spec.name, **limit}),
    )  # fmt: skip


def _named(said: list[Component | str], inside: Component) -> Component:
    """Return a field with its name; what has a label for each choice gets none around them."""
    if isinstance(inside, dcc.RadioItems | dcc.Checklist):
        return html.Div([html.Span(said, className="lab"), inside], role="group")
    return html.Label([html.Span(said, className="lab"), inside])


Maker = Callable[[CaseAct, Field, CasePage, Offers], Component | None]
Choices = Sequence[tuple[Any, str]]


def _text(act: CaseAct, spec: Field, _page: CasePage, _offers: Offers) -> Component:
    hint = _("at most {n} letters").format(n=number(spec.limit))
    id_ = field_id(act.value, spec.name)
    if spec.name in LONG:
        return dcc.Textarea(
            id=id_, value="", className="inp", rows=LINES.get(act, 3), placeholder=hint
        )
    return dcc.Input(id=id_, value="", type="text", className="inp", placeholder=hint,
                     autoComplete="off")  # fmt: skip


def _number_of_case(act: CaseAct, spec: Field, page: CasePage, _offers: Offers) -> Component:
    """Return a field for a case number, with those that stand on the page to choose from."""
    id_, list_ = field_id(act.value, spec.name), f"cases-{act.value}"
    near = [*page.around.duplicates, *page.around.near]
    known = {b.no: b.title or b.no for b in near}
    return html.Span(
        [
            dcc.Input(id=id_, value="", type="text", className="inp", autoComplete="off",
                      list=list_, placeholder=_("case number")),
            html.Datalist([html.Option(t, value=n) for n, t in known.items()], id=list_),
        ]
    )  # fmt: skip


def _time(act: CaseAct, spec: Field, page: CasePage, _offers: Offers) -> Component | None:
    value = ""
    if act is A.GRANT:
        value = _wanted(page)
        if not value:
            return None  # what is asked for has no time of its own
    kind: Any = "datetime-local"  # the browser's own picker; Dash passes the type on
    return dcc.Input(id=field_id(act.value, spec.name), value=value, type=kind, className="inp")


def _wanted(page: CasePage) -> str:
    """Return the due time that an extension asks for, as the field writes times."""
    for row in page.asked:
        if row.decided_at is None and row.kind == Asked.EXTENSION and row.wanted.get("until"):
            at = datetime.fromisoformat(str(row.wanted["until"]))
            return at.astimezone(LOCAL).strftime("%Y-%m-%dT%H:%M")
    return ""


def _radio(act: CaseAct, spec: Field, choices: Choices, value: Any = None) -> Component:
    return dcc.RadioItems(
        id=field_id(act.value, spec.name),
        options=[{"label": word, "value": key} for key, word in choices],
        value=value,
        className="radio",
    )


def _only(act: CaseAct, spec: Field, choices: Choices) -> Component | None:
    """Return the choice; of a single one the field itself, unseen."""
    if len(choices) == 1:
        return _radio(act, spec, choices, choices[0][0])
    return _radio(act, spec, choices)


def _pending(act: CaseAct, spec: Field, page: CasePage, _offers: Offers) -> Component | None:
    return _only(
        act,
        spec,
        [
            (a.id, f"{asked_word(a.kind)} · {a.asked_name} · {short(a.asked_at)}")
            for a in page.asked
            if a.decided_at is None
        ],
    )


def _card(act: CaseAct, spec: Field, page: CasePage, _offers: Offers) -> Component | None:
    wanted = ("appealed",) if act is A.DECIDE_APPEAL else ("active", "answered")
    return _only(
        act,
        spec,
        [
            (c.id, f"{colour_word(c.colour)} · {name(c.department_name)} · {short(c.raised_at)}")
            for c in page.cards
            if c.state in wanted
        ],
    )


def _task(act: CaseAct, spec: Field, page: CasePage, _offers: Offers) -> Component | None:
    return _only(
        act,
        spec,
        [
            (t.id, f"{name(t.department_name)} · {t.activity}")
            for t in page.tasks
            if t.ended_at is None
        ],
    )


def _step(act: CaseAct, spec: Field, page: CasePage, _offers: Offers) -> Component | None:
    return _only(
        act,
        spec,
        [(f"{s.sop}:{s.no}", f"{s.no} · {name(s.name)}") for s in page.steps if s.done_at is None],
    )


def _move(act: CaseAct, spec: Field, _page: CasePage, _offers: Offers) -> Component:
    return _radio(act, spec, [(c, _(MOVES[c])) for c in spec.choices])


def _choice(
    speak: Callable[[Any], str], first: Callable[[CasePage], Any] | None = None
) -> Callable[[CaseAct, Field, CasePage, Offers], Component]:
    def make(act: CaseAct, spec: Field, page: CasePage, _offers: Offers) -> Component:
        value = first(page) if first else None
        return _radio(act, spec, [(_plain(c), speak(c)) for c in spec.choices], value)

    return make


def _plain(choice: Any) -> Any:
    return getattr(choice, "value", choice)


def _kind(act: CaseAct, spec: Field, page: CasePage, offers: Offers) -> Component:
    if act is A.LINK:
        words = [(k.value, link_word(k)) for k in spec.choices if k is not LinkKind.MERGED]
        return _radio(act, spec, words)
    if page.head.state != CaseState.CHECKED:  # without a check only a leader, and only so
        early = [(k.value, closing_word(k)) for k in (Closing.ERROR, Closing.SPECIAL)]
        return _radio(act, spec, early)
    return _choice(closing_word, _usual_end)(act, spec, page, offers)


def _usual_end(page: CasePage) -> str:
    late = page.head.due_at is not None and page.now > page.head.due_at
    return (Closing.TIMEOUT if late else Closing.NORMAL).value


def _flag(act: CaseAct, spec: Field, _page: CasePage, _offers: Offers) -> Component:
    words = [("yes", _("The mark stands")), ("no", _("The mark is withdrawn"))]
    return _radio(act, spec, words)


def _department(act: CaseAct, spec: Field, _page: CasePage, offers: Offers) -> Component:
    value = offers.department if act is A.DISPATCH else None
    return _pick(act, spec, offers.departments, value)


def _co(act: CaseAct, spec: Field, _page: CasePage, offers: Offers) -> Component:
    return dcc.Checklist(
        id=field_id(act.value, spec.name),
        options=[{"label": name(n), "value": key} for key, n in offers.departments],
        value=list(offers.co),
        className="radio many",
    )


def _sop(act: CaseAct, spec: Field, _page: CasePage, offers: Offers) -> Component:
    return _pick(act, spec, offers.sops, offers.sop)


def _pick(
    act: CaseAct, spec: Field, options: Sequence[tuple[str, Names]], value: str | None
) -> Component:
    """Return a list of the browser's own. What is picked stands in the field beside it, unseen.

    Dash has no value for such a list; the page's script keeps the two alike.
    """
    first = html.Option(_("Choose"), value="")
    rows = [html.Option(name(n), value=key) for key, n in options]
    kept = dcc.Input(
        id=field_id(act.value, spec.name), value=value or "", type="text", className="mirrored",
        autoComplete="off",
    )  # fmt: skip
    return html.Span([html.Select([first, *rows], className="inp pick"), kept], className="picked")


_MAKERS: Mapping[str, Maker] = {
    "department": _department,
    "suggests": _department,
    "co_departments": _co,
    "sop": _sop,
    "parent": _number_of_case,
    "other": _number_of_case,
    "pending": _pending,
    "card": _card,
    "task": _task,
    "step": _step,
    "move": _move,
    "kind": _kind,
    "colour": _choice(colour_word),
}
_BY_KIND: Mapping[str, Maker] = {
    "choice": _choice(call_back_word),
    "time": _time,
    "flag": _flag,
}
