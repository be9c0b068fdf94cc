"""May this actor do this to the case as it stands? Role, scope, state, and never one's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from data.cases.change import Code
from data.cases.rules import LEADER_CLOSES, RULES, WITH_DEPARTMENT, Rule
from data.cases.standing import Actor, Card, CaseNow
from data.vocabulary import CaseAct, CaseState, Role

Bar = tuple[Code, dict[str, Any]]

APPROVALS = frozenset({CaseAct.GRANT, CaseAct.DENY})
CHECKS = frozenset({CaseAct.CHECK_GOOD, CaseAct.CHECK_BAD})


def covers(area: str | None, codes: tuple[str, ...]) -> bool:
    """Return whether an area holds one of the areas: GB/T 2260, where the codes nest."""
    if area is None:
        return True
    stem = area
    while len(stem) in (4, 6) and stem.endswith("00"):
        stem = stem[:-2]
    return any(code.startswith(stem) for code in codes)


def states_of(act: CaseAct, case: CaseNow, actor: Actor) -> frozenset[CaseState]:
    """Return from which states this actor may do the act to this case."""
    states = RULES[act].states
    if act is CaseAct.CLOSE and actor.role is Role.LEADER:
        return states | LEADER_CLOSES
    if act is CaseAct.DISPATCH and case.department is None:
        return states | WITH_DEPARTMENT  # a platform told the state and not who has it
    return states


def barred(case: CaseNow, actor: Actor, act: CaseAct) -> Bar | None:
    """Return why this actor may not do this act now, whatever the fields; None if they may."""
    rule = RULES.get(act)
    if rule is None:
        return Code.NOT_ALLOWED_IN_STATE, {"states": ()}
    scope = out_of_scope(case, actor, rule)
    return scope or _state(case, actor, act, rule) or _own(case, actor, act)


def out_of_scope(case: CaseNow, actor: Actor, rule: Rule) -> Bar | None:
    """Return why the act or the case is not this actor's at all."""
    if actor.role not in rule.roles:
        return Code.WRONG_ROLE, {"roles": tuple(sorted(rule.roles))}
    if not covers(actor.area, case.areas):
        return Code.OTHER_AREA, {"area": actor.area}
    if actor.role is not Role.DEPARTMENT or actor.department is None:
        return None
    concerned = (case.department,) if rule.lead else case.departments
    if actor.department not in concerned:
        return Code.OTHER_DEPARTMENT, {"department": case.department}
    return None


def _state(case: CaseNow, actor: Actor, act: CaseAct, rule: Rule) -> Bar | None:
    states = states_of(act, case, actor)
    if case.ended and case.state not in states:
        return Code.ENDED, {
            "at": case.ended_at,
            "state": case.state,
            "closing": case.closing,
            "parent": case.parent,
        }
    if case.state not in states:
        return Code.NOT_ALLOWED_IN_STATE, {"states": tuple(s for s in CaseState if s in states)}
    if rule.waits and case.pending:
        return Code.ALREADY_PENDING, {"kind": case.pending[0].kind, "id": case.pending[0].id}
    found = _MORE.get(act)
    return found(case, actor) if found else None


def _pending(case: CaseNow, _actor: Actor) -> Bar | None:
    return None if case.pending else (Code.NOTHING_PENDING, {})


def appealable(case: CaseNow, actor: Actor) -> tuple[Card, ...]:
    """Return the cards this actor may appeal: active or answered, and their department's."""
    mine = actor.department
    return tuple(
        card
        for card in case.cards
        if card.state in ("active", "answered")
        and (mine is None or mine == (card.department or case.department))
    )


def appealed(case: CaseNow) -> tuple[Card, ...]:
    """Return the cards with an appeal to decide."""
    return tuple(card for card in case.cards if card.state == "appealed")


def _cards(case: CaseNow, actor: Actor) -> Bar | None:
    return None if appealable(case, actor) else (Code.NOTHING_PENDING, {})


def _appeals(case: CaseNow, actor: Actor) -> Bar | None:
    cards = appealed(case)
    if not cards:
        return Code.NOTHING_PENDING, {}
    own = all(actor.is_same(c.appealed_by, c.appealed_name) for c in cards)
    return (Code.OWN_APPROVAL, {}) if own else None


def _acknowledged(case: CaseNow, _actor: Actor) -> Bar | None:
    return (Code.ALREADY_DONE, {"at": case.acknowledged_at}) if case.acknowledged_at else None


def _led(case: CaseNow, _actor: Actor) -> Bar | None:
    return (Code.ALREADY_DONE, {}) if case.led else None


def _mirrored(case: CaseNow, _actor: Actor) -> Bar | None:
    return None if case.led else (Code.NOT_ALLOWED_IN_STATE, {"states": ()})


_MORE: dict[CaseAct, Callable[[CaseNow, Actor], Bar | None]] = {
    CaseAct.GRANT: _pending,
    CaseAct.DENY: _pending,
    CaseAct.APPEAL: _cards,
    CaseAct.DECIDE_APPEAL: _appeals,
    CaseAct.ACKNOWLEDGE: _acknowledged,
    CaseAct.TAKE_LEAD: _led,
    CaseAct.SOURCE_SAID: _mirrored,
}


def _own(case: CaseNow, actor: Actor, act: CaseAct) -> Bar | None:
    if act in CHECKS and actor.is_same(case.reported_back_by, case.reported_back_name):
        return Code.OWN_CHECK, {}
    if act in APPROVALS and any(actor.is_same(p.asked_by, p.asked_name) for p in case.pending):
        return Code.OWN_APPROVAL, {}
    return None
