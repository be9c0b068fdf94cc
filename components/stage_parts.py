"""The parts of the stage's page: what is in force, why what is proposed, what was before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dash import html
from dash.development.base_component import Component

from components.empty import calm
from components.formats import day_time, duration, full_time, number
from components.i18n import N_, _, name
from components.stage_ids import NOTICE, PATH
from components.theme import shape
from data.vocabulary.stage import (
    ChangeRow,
    FiredRow,
    GroundRow,
    LevelRow,
    StageBoard,
    StageEventRow,
    WaitRow,
    WhyRow,
)

ACTS = {
    "first": N_("confirmed first"),
    "raised": N_("stage raised"),
    "lowered": N_("stage lowered"),
    "kept": N_("stage kept"),
    "proposed": N_("proposed by the rules"),
}
LINKS = {
    "case": ("/case/{}", N_("Case {name}")),
    "indicator": ("/indicator/{}", N_("Indicator {name}")),
    "source": ("/sources?source={}", N_("Source {name}")),
    "warning": ("", N_("Warning {name}")),
}


def level_of(board: StageBoard, stage: int) -> LevelRow:
    """Return one of the five stages."""
    return board["levels"][stage - 1]


def in_force(board: StageBoard) -> html.Section:
    """Return the stage in force, big, with its public sentence in both languages."""
    stage = board["stage"]
    if stage is None:
        body: list[Component] = [
            html.P(_("Nobody has confirmed a stage yet."), className="big none"),
            html.P(_("The rules ask for {n}.").format(n=board["proposed"])),
        ]
    else:
        body = _confirmed(board, level_of(board, stage))
    head = html.Div(
        [
            html.H2(_("Stage in force")),
            html.Span(_("as of {time}").format(time=full_time(board["as_of"])), className="st"),
            html.A(_("Public notice"), href=NOTICE, className="chip"),
        ],
        className="ph",
    )
    return html.Section([head, _ladder(board), html.Div(body, className="inner")],
                        className="panel now")  # fmt: skip


def _confirmed(board: StageBoard, level: LevelRow) -> list[Component]:
    by = _("{by} · since {since}").format(by=board["by"], since=full_time(board["since"]))
    said: list[Component] = [html.P(by, className="by")]
    if board["confirmed_at"] != board["since"]:
        again = _("kept {time}").format(time=full_time(board["confirmed_at"]))
        said.append(html.P(again, className="dim2"))
    if board["reason"]:
        said.append(html.P(_("Reason: {reason}").format(reason=board["reason"]), className="by"))
    return [
        html.P(
            [html.B(str(level["stage"]), className="n"), html.Span(name(level["name"]))],
            className="big",
        ),
        *said,
        html.Blockquote(
            [
                html.P([html.B(level["sentence"]["zh"]), " ", level["advice"]["zh"]], lang="zh"),
                html.P([html.B(level["sentence"]["en"]), " ", level["advice"]["en"]], lang="en"),
            ]
        ),
    ]


def _ladder(board: StageBoard) -> html.Ol:
    """Return all five stages in a row, the one in force and the proposed one marked."""
    steps = []
    for level in board["levels"]:
        at, marks = level["stage"], []
        if at == board["stage"]:
            marks.append(_("the stage in force"))
        if at == board["proposed"] and at != (board["stage"] or 0):
            marks.append(_("proposed"))
        kind = "step" + (" on" if at == board["stage"] else "")
        kind += " asked" if at == board["proposed"] and board["undecided"] else ""
        said = [html.B(str(at)), html.Span(name(level["name"])), html.Em(" · ".join(marks))]
        steps.append(html.Li(said, className=kind, title=name(level["sentence"])))
    return html.Ol(steps, className="ladder")


def proposal(board: StageBoard) -> html.Section:
    """Return what the rules ask for, each that fires with its rows, and what would lower it."""
    asked = board["proposed"]
    minimum = board["now"]["minimum"]
    words = {True: _("Higher than the stage in force: somebody has to decide")}
    note = words.get(board["undecided"], _calm_note(board["stage"], asked))
    head = html.Div(
        [
            html.H2(_("What the rules ask for")),
            html.Span(note, className="od" if board["undecided"] else "st", role="status"),
            html.A(_("Rules of the stage"), href=f"{PATH}?view=rules", className="chip"),
        ],
        className="ph",
    )
    told = [
        _fact(_("Proposed"), _named(board, asked), since=board["proposed_at"]),
        _fact(_("The rules now"), _named(board, minimum)),
    ]
    body: list[Component] = [html.Div(told, className="facts"), *_holds(board)]
    body += _lowers(board)
    body += _fired(board["now"]["rules"]) or _before(board["then"], asked)
    return html.Section([head, html.Div(body, className="inner")], className="panel why")


def _calm_note(stage: int | None, asked: int) -> str:
    if stage is None:
        return _("No stage is confirmed yet")
    if asked > stage:
        return _("Decided: the stage is kept although the rules ask for more")
    if asked < stage:
        return _("The rules ask for less; only a person lowers the stage")
    return _("The stage in force is what the rules ask for")


def _fact(word: str, value: str, *, since: float | None = None) -> html.Div:
    more = _("since {time}").format(time=day_time(since)) if since else ""
    return html.Div([html.Span(word), html.B(value), html.Span(more, className="dim2")])


def _named(board: StageBoard, stage: int) -> str:
    return f"{stage} {name(level_of(board, stage)['name'])}"


def _holds(board: StageBoard) -> list[Component]:
    """Return the hold times that run, each with what is left of it."""
    rows = [_hold(board, wait) for wait in board["waits"]]
    if not rows:
        return []
    return [html.H3(_("Hold times that run")), html.Ul(rows, className="holds")]


def _hold(board: StageBoard, wait: WaitRow) -> html.Li:
    left = max(wait["needed"] - wait["held"], 0.0)
    word = (
        _("asked for {stage}: proposed in {left}, held {held} of {needed}")
        if wait["up"]
        else _("no longer asked for {stage}: let go in {left}, held {held} of {needed}")
    )
    said = word.format(
        stage=_named(board, wait["stage"]), left=_span(left), held=_span(wait["held"]),
        needed=_span(wait["needed"]),
    )  # fmt: skip
    share = min(1.0, wait["held"] / wait["needed"]) if wait["needed"] else 1.0
    return html.Li([html.Progress(value=f"{share:.3f}", max="1"), html.Span(said)])


def _span(seconds: float) -> str:
    return _("{n} s").format(n=int(seconds)) if seconds < 120 else duration(seconds)


def _lowers(board: StageBoard) -> list[Component]:
    """Return the one change that would lower what the rules ask for."""
    change, asked = board["now"]["lower"], board["proposed"]
    head = html.H3(_("The one change that would lower it"))
    if change is not None and board["now"]["minimum"] >= asked:
        return [head, html.P(name(change["said"]), className="lower"), _changed(change)]
    if asked == 1:
        return []
    said = _("The rules ask for {n} now; the proposal falls when its hold time is over.")
    return [head, html.P(said.format(n=board["now"]["minimum"]), className="lower")]


def _changed(change: ChangeRow) -> html.Ul:
    kind = _("smallest set, computed") if change["smallest"] else _("enough, computed")
    note = html.Li(kind, className="dim2")
    return html.Ul([*(_ground(row) for row in change["rows"]), note], className="rows")


def _fired(rules: Sequence[FiredRow]) -> list[Component]:
    if not rules:
        return []
    return [html.H3(_("Rules that fire")), *(_rule(rule) for rule in rules)]


def _rule(rule: FiredRow) -> html.Article:
    asks = _("asks for stage {n}").format(n=rule["stage"])
    need = _("needs {n}").format(n=rule["count"])
    if rule["counties"]:
        need = _("needs {n} in {k} counties").format(n=rule["count"], k=rule["counties"])
    has = _("has {n}").format(n=number(rule["n"]))
    code = f"{rule['code']} v{rule['version']}"
    head = html.H4(
        [
            html.B(str(rule["stage"]), className="n"), html.Span(name(rule["name"])),
            html.Span(f"{asks} · {need} · {has}", className="dim2"),
            html.Code(code),
        ]
    )  # fmt: skip
    rest = rule["n"] - len(rule["rows"])
    rows: list[Component] = [_ground(row) for row in rule["rows"]]
    if rest:
        rows.append(html.Li(_("+{n} more").format(n=number(rest)), className="dim2"))
    return html.Article([head, html.Ul(rows, className="rows")], className="rule")


def _before(then: WhyRow | None, asked: int) -> list[Component]:
    """Return why it was proposed, when no rule asks for it any more."""
    if then is None or asked == 1:
        return [calm(_("No rule fires"))]
    head = html.H3(_("Rules that fired when it was proposed"))
    return [head, *(_rule(rule) for rule in then["rules"])]


def _ground(row: GroundRow) -> html.Li:
    said: list[Component] = [shape(row["priority"])]
    title = f"{name(row['area_name'])} · {name(row['title'])}"
    if row["alarm"] is not None:
        said.append(html.A(title, href=f"/alerts?alarm={row['alarm']}"))
    else:
        said.append(html.Span(title))
    said.append(html.Span(name(row["said"]), className="dim2"))
    said.append(html.Span(_("since {time}").format(time=day_time(row["since"])), className="dim2"))
    return html.Li([*said, *(_link(kind, what) for kind, what in row["links"])])


def _link(kind: str, what: str) -> Component:
    address, word = LINKS.get(kind, ("", "{name}"))
    said = _(word).format(name=what)
    return html.A(said, href=address.format(what)) if address else html.Span(said)


def past(board: StageBoard) -> html.Section:
    """Return the history: who decided what, when, why, and for how long it held."""
    rows = [_event(row) for row in board["events"]]
    table = html.Table(
        [
            html.Thead(html.Tr([html.Th(w) for w in (
                _("Time"), _("City stage"), _("What"), _("Who"), _("Reason"), _("Held for"))])),
            html.Tbody(rows),
        ],
        className="plain past",
    )  # fmt: skip
    body: Component = table if rows else calm(_("Nothing was decided or proposed yet"))
    head = html.Div([html.H2(_("History")), _spent(board)], className="ph")
    return html.Section([head, html.Div(body, className="scroll", tabIndex=0)],
                        className="panel history")  # fmt: skip


def _spent(board: StageBoard) -> html.Span:
    known: Mapping[str, float] = board["spent"]
    parts = [
        f"{stage} {name(level_of(board, int(stage))['name'])} {duration(seconds)}"
        for stage, seconds in sorted(known.items())
    ]
    word = _("In 90 days: {parts}").format(parts=_(", ").join(parts)) if parts else ""
    return html.Span(word, className="st")


def _event(row: StageEventRow) -> html.Tr:
    held = "" if row["lasted"] is None else duration(row["lasted"])
    actor = _("The rules") if row["kind"] == "proposed" else row["actor"]
    reason, act = row["reason"] or name(row["why"]), ACTS[row["act"]]
    cells = (
        full_time(row["at"]), html.B(str(row["stage"])), _(act), actor, reason, held,
    )  # fmt: skip
    return html.Tr([html.Td(cell) for cell in cells], className=f"k-{row['kind']}")
