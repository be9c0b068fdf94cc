"""One alarm beside the list: why it fired, what lies behind it, what it was like, its log."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from dash import html
from dash.development.base_component import Component

from components.alarm_chart import value_chart
from components.alarm_ids import PATH, RULES
from components.alarm_past import similar_part
from components.alarm_words import alarm_act_word, alarm_state_word, outcome_word, state_mark
from components.formats import MISSING, day_time, duration, full_time, number, since
from components.i18n import _, name
from components.ids import marks
from components.theme import LEVELS, badge
from data.vocabulary.alarm_console import BehindWarning, Evaluation, LogLine, NoticeLine, OneAlarm

OURSELVES = frozenset({"rules", "rule", ""})
"""Names under which the program writes into the log by itself."""


def head_part(one: OneAlarm, now: float) -> list[Component]:
    """Return what stands above the buttons: how grave, what, where, in which state, since when."""
    row = one["row"]
    place = " · ".join(p for p in map(name, row["place"]) if p) or MISSING
    over = one["ended_at"] or one["returned_at"]
    lasted = duration(max((over or now) - row["raised_at"], 0))
    began = since(row["raised_at"], now)
    if over:
        times = _("{begin} to {end} · lasted {lasted}").format(
            begin=began, end=since(over, now), lasted=lasted
        )
    else:
        times = _("since {begin} · for {lasted}").format(begin=began, lasted=lasted)
    return [
        html.Div([badge(row["priority"]), state_mark(row["state"], row["priority"])],
                 className="l1"),
        html.H3(name(row["title"]), className="ti"),
        html.P(f"{place} · {times}", className="dim"),
    ]  # fmt: skip


def one_part(one: OneAlarm, now: float, condition: str = "") -> list[Component]:
    """Return everything below the buttons. condition: of its rule, in words."""
    parts = [
        _why(one, condition),
        _chart(one),
        html.Div(className="evals", **marks({"data-said": "evaluations"})),
        _behind(one),
        _situation(one),
        similar_part(one, now),
        _log(one["log"], one["decimals"], now),
        _notices(one["notices"], now),
    ]
    return [p for p in parts if p is not None]


def _section(title: str, *inside: Component | str | None) -> html.Section:
    return html.Section([html.H4(title), *[x for x in inside if x is not None]])


def _rule_address(rule: str) -> str:
    return f"{PATH}?view={RULES}&rule={quote(rule)}"


def _why(one: OneAlarm, condition: str) -> html.Section:
    row, unit = one["row"], name(one["unit"])
    rule = _("{rule}, version {n}").format(rule=name(one["rule_name"]), n=one["rule_version"])
    facts: list[tuple[str, str | Component]] = [
        (_("Rule"), html.A(rule, href=_rule_address(row["rule"]), className="go")),
        *([(_("Condition of the rule"), condition)] if condition else []),
    ]
    if one["value"] is not None:
        value = number(one["value"], one["decimals"])
        said = " ".join(p for p in (value, unit) if p)
        if one["limit"] is not None:
            limit = " ".join(p for p in (number(one["limit"], one["decimals"]), unit) if p)
            said = _("{value} against {limit}").format(value=said, limit=limit)
        facts.append((_("Value against limit"), said))
    facts += [
        (_("Held since"), full_time(row["raised_at"])),
        (_("Known since"), full_time(one["recorded_at"])),
    ]
    if one["acknowledged_at"]:
        facts.append(
            (
                _("Seen"),
                f"{full_time(one['acknowledged_at'])} · {one['acknowledged_by'] or MISSING}",
            )
        )
    if name(one["answer"]):
        facts.append((_("What to do"), name(one["answer"])))
    facts.append((_("Turned out"), outcome_word(one["outcome"])))
    said_now = html.P(name(row["said"]), className="saidw")
    return _section(_("Why it fired"), said_now, _facts(facts))


def _facts(facts: Sequence[tuple[str, str | Component]]) -> html.Dl:
    return html.Dl([html.Div([html.Dt(word), html.Dd(said)]) for word, said in facts])


def _chart(one: OneAlarm) -> html.Section | None:
    unit = name(one["unit"])
    drawn = value_chart(
        one["chart"], one["limit"], priority=one["row"]["priority"], decimals=one["decimals"],
        unit=unit,
    )  # fmt: skip
    return _section(_("Last 24 hours"), drawn) if drawn is not None else None


def evaluations_part(found: Sequence[Evaluation], decimals: int) -> html.Section:
    """Return the last times the rule was judged here; they take longer, so they come after."""
    if not found:
        none = html.P(_("Never judged here in the last days"), className="dim2")
        return _section(_("Last evaluations"), none)
    rows = [
        html.Tr(
            [
                html.Td(day_time(x["at"])),
                html.Td(_evaluated(x)),
                html.Td(number(x["value"], decimals), className="n"),
                html.Td(name(x["said"])),
            ]
        )
        for x in found
    ]
    heads = (_("Time"), _("Result"), _("Measured value"), _("Said"))
    return _section(_("Last evaluations"), _table(heads, rows))


def _evaluated(x: Evaluation) -> str:
    if x["holds"] is None:
        return _("cannot be judged")
    return _("holds") if x["holds"] else _("does not hold")


def _table(heads: Sequence[str], rows: Sequence[Component]) -> html.Table:
    head = html.Thead(html.Tr([html.Th(h) for h in heads]))
    return html.Table([head, html.Tbody(list(rows))], className="t")


# ---- what lies behind ----


def _behind(one: OneAlarm) -> html.Section | None:
    links: list[Component] = [
        html.A(
            _("Indicator {code} {name}").format(code=code, name=name(said)),
            href=f"/indicator/{quote(code)}?area={quote(one['area'])}",
            className="btn",
        )
        for code, said in one["indicators"]
    ]
    links += [
        html.A(_("Case {no}").format(no=no), href=f"/case/{quote(no)}", className="btn")
        for no in one["cases"]
    ]
    links += [
        html.A(_("Source {name}").format(name=name(said)), href=f"/sources?source={quote(key)}",
               className="btn")
        for key, said in one["sources"]
    ]  # fmt: skip
    warnings = [_warning(w) for w in one["warnings"]]
    if not links and not warnings:
        return None
    ways = html.Div(links, className="ways2") if links else None
    return _section(_("Rows behind"), ways, *warnings)


def _warning(w: BehindWarning) -> html.Div:
    until = day_time(w["expires"]) if w["expires"] else _("no end given")
    held = (
        _("in force until {time}") if w["in_force"] else _("no longer in force, was until {time}")
    )
    said = " · ".join([w["sender"], day_time(w["sent"]), held.format(time=until)])
    mark = badge(w["level"]) if w["level"] in LEVELS else None
    return html.Div(
        [
            html.P([mark, html.B(w["headline"])] if mark else html.B(w["headline"])),
            html.P(w["body"], className="body") if w["body"] else None,
            html.P(said, className="dim2"),
        ],
        className="warned",
    )


def _situation(one: OneAlarm) -> html.Section | None:
    row = one["row"]
    links: list[Component] = []
    if row["case_no"]:
        links.append(
            html.A(_("Case {no}").format(no=row["case_no"]),
                   href=f"/case/{quote(row['case_no'])}", className="btn")
        )  # fmt: skip
    if row["group"] > 0:
        title = name(row["situation"]) or str(row["group"])
        links.append(
            html.A(_("Situation: {title}").format(title=title),
                   href=f"{PATH}?situation={row['group']}", className="btn")
        )  # fmt: skip
    other = one["situation_case"]
    if other and other != row["case_no"]:
        links.append(
            html.A(_("Case of the situation {no}").format(no=other), href=f"/case/{quote(other)}",
                   className="btn")
        )  # fmt: skip
    if not links:
        return None
    return _section(_("Belongs to"), html.Div(links, className="ways2"))


# ---- what happened ----


def _log(lines: Sequence[LogLine], decimals: int, now: float) -> html.Section:
    rows = [html.Li(log_words(x, decimals, now)) for x in lines]
    return _section(_("Log"), html.Ol(rows, className="log"))


def log_words(x: LogLine, decimals: int, now: float) -> list[Component]:
    """Return one event: when, what, who, why, and the state that it led to."""
    said = [alarm_act_word(x["act"])]
    if x["act"] == "outcome" and x["detail"].get("outcome"):
        said.append(outcome_word(str(x["detail"]["outcome"])))
    if x["value"] is not None and not x["by_hand"]:
        said.append(number(x["value"], decimals))
    if x["reason"]:
        said.append(x["reason"])
    return [
        html.Span(since(x["at"], now), className="when"),
        html.Span(_(", ").join([actor_word(x), " – ".join(said)]), className="what"),
        html.Span(alarm_state_word(x["state"]), className="dim2"),
    ]


def actor_word(x: LogLine) -> str:
    """Return who it was; what happened by itself is told so."""
    return x["actor"] if x["by_hand"] or x["actor"] not in OURSELVES else _("by rule")


def log_line_words(x: LogLine, now: float) -> str:
    """Return the same in one line, for a form that was overtaken."""
    said = [since(x["at"], now), actor_word(x), alarm_act_word(x["act"]), x["reason"]]
    said.append(_("now: {state}").format(state=alarm_state_word(x["state"])))
    return " · ".join(p for p in said if p)


def _notices(lines: Sequence[NoticeLine], now: float) -> html.Section:
    if not lines:
        return _section(
            _("Notices"), html.P(_("Nobody was told of it by message."), className="dim2")
        )
    rows = [
        html.Tr(
            [
                html.Td(name(x["target"])),
                html.Td(since(x["made_at"], now)),
                html.Td(_notice_words(x, now), className=f"nt-{x['state']}"),
            ]
        )
        for x in lines
    ]
    return _section(_("Notices"), _table((_("Sent to"), _("Made"), _("State")), rows))


def _notice_words(x: NoticeLine, now: float) -> str:
    if x["state"] == "sent":
        return _("sent {time}").format(time=since(x["sent_at"], now))
    if x["state"] == "waiting":
        return _("waiting to be sent")
    tried = _("{n} times in vain").format(n=number(x["tries"]))
    why = x["error"] or ""
    said = _("given up, {tried}") if x["state"] == "given_up" else _("not delivered, {tried}")
    told = said.format(tried=tried)
    return _("{what}: {why}").format(what=told, why=why) if why else told
