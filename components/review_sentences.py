"""The key messages and the gaps of a review as sentences: what, how strong, who, until when."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from components.formats import day_time, number
from components.i18n import _, language, name, ngettext
from components.reasons import finding_word
from components.review_words import (
    counted,
    day_word,
    rule_word,
    valued,
    verdict_word,
    week_word,
)
from components.theme import source_word
from data.vocabulary import Names
from data.vocabulary.review import Gap, Message
from data.vocabulary.review_terms import SpcRule

Fields = Mapping[str, Any]
Areas = Mapping[str, Names]
Parts = tuple[str, list[str]]
"""The sentence in bold, and the half sentences that follow it."""


def message_parts(message: Message, areas: Areas) -> tuple[str, str]:
    """Return a message as its bold sentence and the rest: how strong, who, until when."""
    fields = message["fields"]
    known = _RULES.get(message["rule"])
    lead, more = known(fields, areas) if known else _plain(fields, areas)
    who = name(message["department"])
    if who:
        more.append(_("answerable: {who}").format(who=who))
    if message["until"]:
        more.append(_until(message["rule"]).format(day=day_word(message["until"])))
    return _ended(lead), _ended(_("; ").join(more))


def message_text(message: Message, areas: Areas) -> str:
    """Return a message as one text, as it is edited and printed."""
    lead, rest = message_parts(message, areas)
    space = " " if language() == "en" else ""
    return f"{lead}{space}{rest}".strip()


def _ended(text: str) -> str:
    if not text:
        return ""
    first = text[0].upper() + text[1:]
    return first + (". "[:1] if language() == "en" else "。")


def _until(rule: str) -> str:
    if rule == "improvement":
        return _("say by {day} what was done")
    if rule == "cases_overdue":
        return _("to be ended by {day}")
    if rule == "data_gap":
        return _("to be mended by {day}")
    return _("explanation due by {day}")


def _figure(fields: Fields, key: str = "value") -> str:
    value = cast("float | None", fields.get(key))
    return valued(value, int(fields.get("decimals", 0)), fields.get("unit"))


def _with_n(fields: Fields) -> str:
    n = counted(fields.get("n"))
    return f"{_figure(fields)} ({n})" if n and language() == "en" else _figure(fields) + (
        f"（{n}）" if n else ""
    )  # fmt: skip


def _title(fields: Fields, areas: Areas) -> str:
    """Return what a message is of; of an area below, with its name."""
    below = fields.get("areas") == [fields.get("area")]
    prefix = name(areas.get(str(fields["area"]))) if below else ""
    return f"{prefix}{' ' if prefix and language() == 'en' else ''}{name(fields.get('name'))}"


def _special(fields: Fields, areas: Areas) -> Parts:
    lead = _("{what}: {value}, {why}").format(
        what=_title(fields, areas), value=_with_n(fields), why=_why(fields)
    )
    more = []
    if fields.get("lower") is not None and fields.get("upper") is not None:
        more.append(_usual(fields))
    told = [name(areas[a]) for a in fields.get("areas", ()) if a in areas and a != fields["area"]]
    if told:
        more.append(_("mostly in {areas}").format(areas=_(", ").join(told)))
    return lead, more


def _usual(fields: Fields) -> str:
    low = max(float(fields["lower"]), 0.0) if float(fields.get("value") or 0) >= 0 else float(
        fields["lower"]
    )  # fmt: skip
    decimals = int(fields.get("decimals", 0))
    return _("usual range {low}–{high}").format(
        low=number(low, decimals), high=_figure(fields, "upper")
    )


def _why(fields: Fields) -> str:
    """Return the rule that makes a value a signal, with the number it broke."""
    rules: Sequence[str] = fields.get("rules") or ()
    rule = str(rules[0]) if rules else ""
    above = float(fields.get("value") or 0) >= float(fields.get("centre") or 0)
    if fields.get("toward"):
        above = int(fields["toward"]) > 0
    weeks = int(fields.get("weeks") or 0)
    mean = _figure(fields, "centre")
    if rule == SpcRule.OUTSIDE:
        said = _("above the upper limit {limit}") if above else _("below the lower limit {limit}")
        return said.format(limit=_figure(fields, "upper" if above else "lower"))
    if rule == SpcRule.SHIFT:
        said = (
            _("for {n} weeks above the mean {mean}")
            if above
            else _("for {n} weeks below the mean {mean}")
        )
        return said.format(n=weeks or 7, mean=mean)
    if rule == SpcRule.TREND:
        said = _("rising for {n} weeks") if above else _("falling for {n} weeks")
        return said.format(n=weeks or 7)
    if rule == SpcRule.TWO_OF_THREE:
        said = _("two of three weeks near the upper limit {limit}") if above else _(
            "two of three weeks near the lower limit {limit}"
        )  # fmt: skip
        return said.format(limit=_figure(fields, "upper" if above else "lower"))
    return rule_word(rule) if rule else _("mean {mean}").format(mean=mean)


def _target(fields: Fields, areas: Areas) -> Parts:
    floor = float(fields.get("value") or 0) < float(fields.get("limit") or 0)
    limit = _figure({**fields, "decimals": _places(fields.get("limit"))}, "limit")
    weeks = int(fields.get("weeks") or 0)
    if weeks > 1:
        said = (
            _("for {n} weeks under the target {limit}")
            if floor
            else _("for {n} weeks over the target {limit}")
        ).format(n=weeks, limit=limit)
    else:
        said = (_("under the target {limit}") if floor else _("over the target {limit}")).format(
            limit=limit
        )
    lead = _("{what}: {value}, {why}").format(
        what=_title(fields, areas), value=_with_n(fields), why=said
    )
    return lead, _interval(fields)


def _places(value: Any) -> int:
    return 0 if value is not None and float(value) == int(value) else 1


def _interval(fields: Fields) -> list[str]:
    if fields.get("low") is None or fields.get("high") is None:
        return []
    decimals = int(fields.get("decimals", 0))
    said = (
        _("95% interval {low}–{high}, all of it beyond the target")
        if fields.get("sure")
        else _("95% interval {low}–{high}, so it may be chance")
    )
    return [said.format(low=number(fields["low"], decimals), high=_figure(fields, "high"))]


def _department(fields: Fields, _areas: Areas) -> Parts:
    lead = _("{who} ended {rate}% of its cases on time ({on_time}/{due})").format(
        who=name(fields.get("name")), rate=number(fields.get("rate"), 1),
        on_time=number(fields.get("on_time")), due=number(fields.get("due")),
    )  # fmt: skip
    more = []
    if fields.get("low") is not None and fields.get("high") is not None:
        more.append(
            _("95% interval {low}–{high}%").format(
                low=number(fields["low"], 1), high=number(fields["high"], 1)
            )
        )
    if fields.get("others") is not None:
        more.append(
            _("all others together {rate}% of {due}").format(
                rate=number(fields["others"], 1), due=number(fields.get("others_due"))
            )
        )
    return lead, more


def _overdue(fields: Fields, _areas: Areas) -> Parts:
    count = int(fields.get("count") or 0)
    lead = ngettext(
        "{n} grave case is past its limit", "{n} grave cases are past their limit", count
    )
    if fields.get("as_of"):
        lead = _("{what} at the end of {day}").format(what=lead, day=day_word(str(fields["as_of"])))
    more = []
    if fields.get("oldest_due") is not None:
        more.append(_("the oldest due {time}").format(time=day_time(float(fields["oldest_due"]))))
    return lead, more


def _gap_message(fields: Fields, _areas: Areas) -> Parts:
    lead = _("{source}: {state}").format(
        source=name(fields.get("name")), state=_gap_kind(str(fields.get("kind", "")), fields)
    )
    codes = fields.get("codes") or ()
    if not codes:
        return lead, []
    said = ngettext(
        "{n} indicator of this page is weakened", "{n} indicators of this page are weakened",
        len(codes),
    )  # fmt: skip
    return lead, [said]


def _promise(fields: Fields, _areas: Areas) -> Parts:
    what = str(fields.get("text") or name(fields.get("name")))
    due = week_word(str(fields.get("due", "")))
    lead = _("promise past its week: {what} (due {week})").format(what=what, week=due)
    verdict = fields.get("verdict")
    return lead, [verdict_word(str(verdict))] if verdict else []


def _plain(fields: Fields, areas: Areas) -> Parts:
    value = _with_n(fields) if fields.get("value") is not None else ""
    return _("{what} {value}").format(what=_title(fields, areas), value=value).strip(), []


_RULES: dict[str, Callable[[Fields, Areas], Parts]] = {
    "special_cause": _special,
    "special_cause_below": _special,
    "improvement": _special,
    "neutral": _special,
    "target_missed": _target,
    "department_late": _department,
    "cases_overdue": _overdue,
    "data_gap": _gap_message,
    "promise_overdue": _promise,
}


def gap_text(gap: Gap) -> str:
    """Return what is wrong with a source, without its name."""
    return _gap_kind(gap["kind"], gap["detail"])


def _gap_kind(kind: str, detail: Mapping[str, Any]) -> str:
    if kind in ("late", "silent") and detail.get("hours") is not None:
        said = _("late for {n} h") if kind == "late" else _("silent for {n} h")
        return said.format(n=number(float(detail["hours"]), 0))
    if kind == "never":
        return _("nothing was ever received")
    if kind == "partial":
        return _partial(detail)
    if kind == "quarantined" and detail.get("rows") is not None:
        return ngettext("{n} row held back", "{n} rows held back", int(detail["rows"]))
    if kind == "debt":
        return _("data debt {no}, due {day}, {who}").format(
            no=detail.get("debt", ""), day=day_word(str(detail.get("due") or "")),
            who=detail.get("owner") or "",
        )  # fmt: skip
    if kind == "no_history" and detail.get("weeks") is not None:
        return _("{weeks} weeks of the {needed} that limits need").format(
            weeks=detail["weeks"], needed=detail.get("needed", 12)
        )
    return source_word(kind)


def _partial(detail: Mapping[str, Any]) -> str:
    said = []
    if detail.get("of") and detail.get("told") is not None:
        said.append(
            _("{told} of {of} due came").format(
                told=number(detail["told"]), of=number(detail["of"])
            )
        )
    missing = detail.get("missing") or ()
    if missing:
        said.append(ngettext("{n} area told too little", "{n} areas told too little", len(missing)))
    said += [finding_word(str(kind)) for kind in detail.get("findings") or ()]
    return _(", ").join(said) or _("told in part")
