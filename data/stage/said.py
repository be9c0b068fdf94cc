"""Why a stage is asked for and what would lower it, in words made of what was computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from data.stage.change import Change
from data.stage.judge import Fired, Ground, Judged
from data.vocabulary import Names

NAMED = 2
"""Things named in one sentence before the rest is only counted."""


def why_said(fired: Sequence[Fired], areas: Mapping[str, Names]) -> Names:
    """Return which rules fire, each with how many rows in how many counties."""
    if not fired:
        return {"zh": "没有规则要求更高的阶段", "en": "No rule asks for a higher stage"}
    zh, en = [], []
    for one in fired[:NAMED]:
        counties = len({g.county for g in one.grounds if g.county})
        n = len(one.grounds)
        zh.append(f"{one.rule.name['zh']}（{_where_zh(one.grounds, areas, n, counties)}）")
        en.append(f"{one.rule.name['en']} ({_where_en(one.grounds, areas, n, counties)})")
    if len(fired) > NAMED:
        zh.append(f"另有{len(fired) - NAMED}条规则")
        en.append(f"{len(fired) - NAMED} more rules")
    return {"zh": "；".join(zh), "en": "; ".join(en)}


def lower_said(change: Change | None, areas: Mapping[str, Names]) -> Names | None:
    """Return the one change in words; None when no rule fires."""
    if change is None:
        return None
    n, to = len(change.grounds), change.leads_to
    if change.single:
        what = _one(change, areas)
        return {
            "zh": f"{what['zh']}解除后，规则只要求阶段{to}",
            "en": f"If {what['en']} ended, the rules would ask for stage {to} only",
        }
    listed = _listed(change.grounds, areas)
    zh = f"{'至少' if change.smallest else ''}须{n}项同时解除（{listed['zh']}）"
    en = f"{'at least' if change.smallest else 'for example'} these {n} together would"
    return {
        "zh": f"任何单项变化都不足以降低；{zh}，规则才只要求阶段{to}",
        "en": f"No single change would lower it; {en} ({listed['en']}): stage {to}",
    }


def _one(change: Change, areas: Mapping[str, Names]) -> Names:
    first = change.grounds[0]
    named = _named(first, areas)
    if not change.cause or len(change.grounds) == 1:
        return {"zh": f"“{named['zh']}”", "en": f"“{named['en']}”"}
    n = len(change.grounds)
    return {
        "zh": f"同一起因的{n}项（“{named['zh']}”等）",
        "en": f"the one cause of {n} alarms (“{named['en']}” and others)",
    }


def _listed(grounds: Sequence[Ground], areas: Mapping[str, Names]) -> Names:
    named = [_named(g, areas) for g in grounds[:NAMED]]
    more = len(grounds) - len(named)
    zh = "、".join(n["zh"] for n in named) + (f"等{len(grounds)}项" if more else "")
    en = ", ".join(n["en"] for n in named) + (f" and {more} more" if more else "")
    return {"zh": zh, "en": en}


def _named(ground: Ground, areas: Mapping[str, Names]) -> Names:
    place = areas.get(ground.county or "")
    if place is None:
        return ground.title
    title = ground.title
    return {"zh": f"{place['zh']} · {title['zh']}", "en": f"{place['en']} · {title['en']}"}


def _where_zh(grounds: Sequence[Ground], areas: Mapping[str, Names], n: int, counties: int) -> str:
    return (
        _named(grounds[0], areas)["zh"]
        if n == 1
        else f"{n}条，涉及{counties}个县区"
        if counties
        else f"{n}条"
    )


def _where_en(grounds: Sequence[Ground], areas: Mapping[str, Names], n: int, counties: int) -> str:
    return (
        _named(grounds[0], areas)["en"]
        if n == 1
        else f"{n} alarms, {counties} counties"
        if counties
        else f"{n} alarms"
    )


def fired_for(judged: Judged, stage: int) -> tuple[Fired, ...]:
    """Return the rules that ask for this stage or a graver one."""
    return tuple(f for f in judged.fired if f.rule.stage >= stage)
