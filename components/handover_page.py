"""The handover: what a shift leaves to the next, signed by both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from components.empty import calm, failed
from components.formats import MISSING, day_time, number, since
from components.i18n import N_, _, name, ngettext, use
from components.loop_words import holder_word, state_word
from components.page_frame import page_frame
from components.person import Signed
from components.theme import SOURCE_WORDS, badge
from data.cases.shifts import signs_both
from data.vocabulary import Names
from data.vocabulary.handover import HandoverBody, HandoverCase, HandoverPromise, HandoverRow

PATH = "/handover"


class HandIds(StrEnum):
    """Plain ids."""

    ROOT = "hand"
    BODY = "hand-body"
    URL = "hand-url"
    NUDGE = "hand-nudge"
    SAID = "hand-said"
    NOTE = "hand-note"


def sign_id(act: Any) -> dict[str, Any]:
    """Return the id of a button that signs: out, agree or disagree; may be a Dash wildcard."""
    return {"type": "hand-sign", "act": act}


def note_id(part: Any) -> dict[str, Any]:
    """Return the id of the note of whoever comes."""
    return {"type": "hand-note", "part": part}


@dataclass(frozen=True)
class HandShown:
    """What the page shows. preview: of the shift that runs; chosen: the row looked at, 0 that."""

    preview: HandoverRow | None
    kept: Sequence[HandoverRow] = ()
    chosen: int = 0
    areas: Sequence[tuple[str, Names]] = ()
    demo: bool = False
    me: tuple[int | None, str | None] = (None, None)
    """account and name of who looks"""


@dataclass(frozen=True)
class HandPlace:
    """Where the page stands."""

    area: str
    city: Names
    build: str


WHY_WORDS = {
    "overdue": N_("overdue"),
    "due_next": N_("due in the next shift"),
    "grave": N_("grave"),
    "approval": N_("waits for a decision"),
    "marked": N_("under supervision"),
    "set_aside": N_("suspended"),
}
PROMISE_WORDS = {
    "approval_extension": N_("Extension to decide"),
    "approval_suspension": N_("Suspension to decide"),
    "approval_return": N_("Return to decide"),
    "mark": N_("Supervision: next step"),
    "owner": N_("Whose is it: to decide"),
    "debt": N_("Data debt"),
}
ERROR_WORDS = {
    "unknown": N_("There is no such handover"),
    "no_right": N_("Only a duty officer or leader of this area signs"),
    "signed_already": N_("It is signed already"),
    "out_first": N_("Whoever goes signs first"),
    "same_person": N_("Whoever comes must be another person"),
    "note_missing": N_("Say why you do not agree"),
    "note_too_long": N_("The note is longer than 500 letters"),
}


def handover_error(reason: str) -> str:
    """Return in words why a handover could not be signed."""
    return _(ERROR_WORDS.get(reason, reason))


def handover_page(
    shown: HandShown | None,
    place: HandPlace,
    signed: Signed | None,
    *,
    lang: str,
    address: str,
    now: float,
    signing: bool,
) -> html.Div:
    """Return the whole page; shown None: the store cannot be asked."""
    with use(lang):
        unseen: list[Component] = [
            html.Div(id=HandIds.SAID, className="said", role="status"),
            dcc.Location(id=HandIds.URL, refresh=False),
            dcc.Store(id=HandIds.NUDGE, data=0),
        ]
        inside = html.Div(hand_body(shown, signing=signing), id=HandIds.BODY, className="hand")
        return page_frame(
            [inside],
            title=_("Handover"), path=PATH, address=address, signed=signed, area=place.area,
            city=place.city, build=place.build, now=now, demo=bool(shown and shown.demo),
            id_=HandIds.ROOT, foot=_("A handover stays as it was when the shift ended"),
            unseen=unseen,
        )  # fmt: skip


def page_parts() -> html.Div:
    """Return everything that callbacks touch, also what is drawn only now and then."""
    place = HandPlace("", {"zh": "", "en": ""}, "")
    page = handover_page(None, place, None, lang="zh", address=PATH, now=0.0, signing=False)
    acts: list[Component] = [html.Button(id=sign_id(a), n_clicks=0) for a in ACTS]
    return html.Div([page, *acts, dcc.Textarea(id=note_id("in"))])


ACTS = ("out", "agree", "disagree")


def hand_body(shown: HandShown | None, *, signing: bool) -> list[Component]:
    """Return everything between head and foot."""
    if shown is None:
        return [html.Section(failed(), className="panel alone")]
    rows = {row["id"]: row for row in shown.kept}
    row = rows.get(shown.chosen) if shown.chosen else shown.preview
    if row is None:
        sheet: list[Component] = [calm(_("No shifts are declared"))]
    else:
        sheet = _sheet(row, shown.me, signing=signing)
    return [
        html.Section(_list(shown), className="panel list"),
        html.Section(html.Div(sheet, className="scroll", tabIndex=0), className="panel sheet"),
    ]


def _list(shown: HandShown) -> list[Component]:
    areas = [
        dcc.Link(name(n), href=f"{PATH}?area={code}", className=_on("chip", _area(shown) == code))
        for code, n in shown.areas
    ]
    now: list[Component] = []
    if shown.preview is not None:
        now = [_entry(shown.preview, shown, _("Running shift: as it would be handed over now"))]
    kept: list[Component] = [_entry(row, shown, _signatures(row)) for row in shown.kept]
    return [
        html.Div(html.H2(_("Shifts")), className="ph"),
        *([html.Div(areas, className="filters")] if len(areas) > 1 else []),
        html.Div(
            [*now, *kept, *([] if kept else [calm(_("No handover is kept yet"))])],
            className="scroll",
            tabIndex=0,
        ),
    ]


def _area(shown: HandShown) -> str:
    row = shown.preview or next(iter(shown.kept), None)
    return row["area"] if row else ""


def _on(kind: str, chosen: bool) -> str:
    return f"{kind} on" if chosen else kind


def _entry(row: HandoverRow, shown: HandShown, more: str) -> dcc.Link:
    number_ = f"&no={row['id']}" if row["id"] else ""
    return dcc.Link(
        [html.B(_title(row)), html.Span(more, className="dim2")],
        href=f"{PATH}?area={row['area']}{number_}",
        className=_on("dep", shown.chosen == row["id"]),
    )


def _title(row: HandoverRow) -> str:
    return f"{name(row['shift'])} {day_time(row['starts_at'])} – {day_time(row['ends_at'])}"


def _signatures(row: HandoverRow) -> str:
    if row["in_at"] is not None:
        return _("signed by both") if row["agreed"] else _("taken over with an objection")
    return _("waits for whoever comes") if row["out_at"] is not None else _("not signed yet")


def _sheet(
    row: HandoverRow, me: tuple[int | None, str | None], *, signing: bool
) -> list[Component]:
    body = row["body"]
    made = _(
        "As of {time} · matters and cases led here · source: case store, sources, debts"
    ).format(time=day_time(body["as_of"]))
    return [
        html.H2(_title(row)),
        html.P(made, className="hint"),
        _totals(body["totals"]),
        html.H3(_("Open matters · {n}").format(n=len(body["cases"]) + body["more_cases"])),
        _cases(body),
        html.H3(_("Promised or to decide · {n}").format(n=len(body["promises"]))),
        _promises(body),
        html.H3(_("Sources not heard · {n}").format(n=len(body["quiet"]))),
        _quiet(body),
        html.H3(_("Warnings in force · {n}").format(n=len(body["warnings"]))),
        _warnings(body),
        _sign(row, me, signing=signing) if row["id"] else html.P(_unsigned(), className="hint"),
    ]


def _unsigned() -> str:
    return _("It is kept and can be signed when the shift ends.")


def _totals(totals: dict[str, int]) -> html.Dl:
    words = {
        "received": _("Came in"), "closed": _("Ended"), "open": _("Open now"),
        "overdue": _("Of these overdue"),
    }  # fmt: skip
    return html.Dl(
        [
            html.Div([html.Dt(word), html.Dd([html.B(number(totals[key])), _(" matters")])])
            for key, word in words.items()
        ],
        className="totals",
    )


def _cases(body: HandoverBody) -> Component:
    if not body["cases"]:
        return calm(_("Nothing that the next shift must know of"))
    heads = (_("Level"), _("Matter"), _("Area"), _("Has it"), _("Where it stands"),
             _("Limit"), _("Why"))  # fmt: skip
    rows = [_case(case, body["as_of"]) for case in body["cases"]]
    table = html.Table(
        [html.Thead(html.Tr([html.Th(h) for h in heads])), html.Tbody(rows)], className="plain"
    )
    if not body["more_cases"]:
        return table
    more = ngettext("and {n} more on the desk", "and {n} more on the desk", body["more_cases"])
    return html.Div([table, html.P(more, className="hint")])


def _case(case: HandoverCase, now: float) -> html.Tr:
    over = case["due_at"] is not None and case["due_at"] < now
    due = MISSING if case["due_at"] is None else since(case["due_at"], now)
    has = (
        name(case["department"]) if case["holder"] == "department" else holder_word(case["holder"])
    )
    link = html.A(
        [html.Span(case["case_no"], className="no"), " ", case["title"]],
        href=f"/case/{case['case_no']}", className="go cl1",
    )  # fmt: skip
    why = _(", ").join(_(WHY_WORDS.get(w, w)) for w in case["why"])
    return html.Tr(
        [
            html.Td(badge(case["level"])),
            html.Td(link),
            html.Td(name(case["county"])),
            html.Td(has),
            html.Td(state_word(case["state"])),
            html.Td(html.Span(due, className="od" if over else "")),
            html.Td(why),
        ]
    )


def _promises(body: HandoverBody) -> Component:
    if not body["promises"]:
        return calm(_("Nothing promised for the next shift"))
    return html.Table(
        html.Tbody([_promise(p, body["as_of"]) for p in body["promises"]]), className="plain"
    )


def _promise(promise: HandoverPromise, now: float) -> html.Tr:
    due, case = promise["due_at"], promise["kind"] != "debt"
    way = f"/case/{promise['ref']}" if case else f"/sources?tab=debts&debt={promise['ref']}"
    when = MISSING if due is None else day_time(due)
    return html.Tr(
        [
            html.Td(_(PROMISE_WORDS.get(promise["kind"], promise["kind"]))),
            html.Td(html.A(promise["what"], href=way, className="go cl1")),
            html.Td(name(promise["who"])),
            html.Td(html.Span(when, className="od" if due is not None and due < now else "")),
        ]
    )


def _quiet(body: HandoverBody) -> Component:
    if not body["quiet"]:
        return calm(_("Every source is heard"))
    rows = [
        html.Li(
            [
                html.B(name(q["name"])),
                " ",
                _(SOURCE_WORDS.get(q["state"], q["state"])),
                " · ",
                _("last heard {time}").format(time=day_time(q["last"])),
            ]
        )
        for q in body["quiet"]
    ]
    return html.Ul(rows)


def _warnings(body: HandoverBody) -> Component:
    if not body["warnings"]:
        return calm(_("No warning in force"))
    rows = [
        html.Li(
            [
                badge(w["level"]),
                " ",
                w["headline"],
                " · ",
                _("until {time}").format(time=day_time(w["expires"])),
            ]
        )
        for w in body["warnings"]
    ]
    return html.Ul(rows, className="warned")


def _sign(row: HandoverRow, me: tuple[int | None, str | None], *, signing: bool) -> html.Div:
    out, in_ = row["out_at"] is not None, row["in_at"] is not None
    parts: list[Component] = [html.H3(_("Signatures"))]
    parts.append(html.P(_signed(_("Goes"), row["out_name"], row["out_at"])))
    said = _signed(_("Comes"), row["in_name"], row["in_at"])
    if in_:
        said += " · " + (_("agrees") if row["agreed"] else _("does not agree"))
        said += f" · {row['in_note']}" if row["in_note"] else ""
    parts.append(html.P(said))
    if signing and out and not in_ and signs_both(row["out_by"], row["out_name"], *me):
        said = _("You signed as the one who goes: the one who comes is another person")
        parts.append(html.P(said, className="hint"))
    elif signing and not in_:
        parts.append(_buttons(out=out))
    return html.Div(parts, className="signs")


def _signed(side: str, who: str | None, at: float | None) -> str:
    if at is None:
        return f"{side}: {_('not signed yet')}"
    return f"{side}: {who} · {day_time(at)}"


def _buttons(*, out: bool) -> html.Div:
    if not out:
        sign = html.Button(
            _("I hand over"), id=sign_id("out"), n_clicks=0, type="button", className="btn main"
        )
        return html.Div(sign, className="acts")
    note = dcc.Textarea(
        id=note_id("in"), className="inp", placeholder=_("Note, needed with an objection"),
        maxLength=600, value="",
    )  # fmt: skip
    agree = html.Button(
        _("I take over"), id=sign_id("agree"), n_clicks=0, type="button", className="btn main"
    )
    object_ = html.Button(
        _("I take over with an objection"), id=sign_id("disagree"), n_clicks=0, type="button",
        className="btn",
    )  # fmt: skip
    return html.Div([note, agree, object_], className="acts")
