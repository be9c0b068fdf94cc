"""A case on its way through the loop, one act an hour: what the tests of the loop share."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from data.cases.loop import Actor, CaseNow, Change, Refusal, Request, holding, report, take
from data.vocabulary import CaseAct, CaseState, Holder, Role

START = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
COUNTY, TOWN, OTHER_COUNTY = "441621", "441621100", "441622"

OPERATOR = Actor(1, "李值班", Role.OPERATOR)
CHECKER = Actor(2, "王核查", Role.OPERATOR)
LEADER = Actor(3, "陈领导", Role.LEADER)
SECOND_LEADER = Actor(4, "何领导", Role.LEADER)
WATER = Actor(5, "水务经办", Role.DEPARTMENT, "water")
HEALTH = Actor(6, "卫健经办", Role.DEPARTMENT, "health")
VIEWER = Actor(7, "查看", Role.VIEWER)
COUNTY_OPERATOR = Actor(8, "紫金值班", Role.OPERATOR, area=COUNTY)
OTHER_OPERATOR = Actor(9, "龙川值班", Role.OPERATOR, area=OTHER_COUNTY)
PLATFORM = Actor(None, "12345", Role.SYSTEM_ACTOR)

A = CaseAct
S = CaseState
REASON = "理由充分"


class Walk:
    """Holds the case, its events, and what every act asked for."""

    def __init__(self, case: CaseNow | None = None, **fields) -> None:
        self.now = START
        self.events, self.asks, self.approvals = [], (), 0
        if case is not None:
            self.case = case
            return
        told = {"body": "自来水管爆裂", "county": COUNTY, "town": TOWN, "no": "C1", **fields}
        made = report(Request(A.REPORT, OPERATOR, START, None, told))
        assert isinstance(made, Change), made
        self._keep(made)

    def _keep(self, change: Change) -> None:
        self.case, self.asks = change.case, change.asks
        self.events.append(change.event)

    def try_(self, actor: Actor, act: CaseAct, /, seen=..., **fields) -> Change | Refusal:
        """Ask for an act an hour later; nothing is kept of it."""
        self.now += HOUR
        known = self.case.version if seen is ... else seen
        return take(self.case, Request(act, actor, self.now, known, fields))

    def do(self, actor: Actor, act: CaseAct, /, **fields) -> Change:
        """Do an act an hour later, and give approvals and cards the number the store would."""
        change = self.try_(actor, act, **fields)
        assert isinstance(change, Change), change
        self._keep(self.numbered(change))
        return change

    def numbered(self, change: Change) -> Change:
        case, event = change.case, change.event
        if any(x.id is None for x in (*case.pending, *case.cards)):
            self.approvals += 1
            name = "card" if act_is(event, A.SUPERVISE) else "approval"
            event = replace(event, detail={**event.detail, name: self.approvals})
        return Change(
            replace(case, pending=self._ids(case.pending), cards=self._ids(case.cards)),
            event,
            change.asks,
        )

    def _ids(self, rows):
        return tuple(r if r.id is not None else replace(r, id=self.approvals) for r in rows)

    def refused(self, actor: Actor, act: CaseAct, /, seen=..., **fields) -> Refusal:
        """Ask for an act that is refused."""
        before = self.case
        refusal = self.try_(actor, act, seen=seen, **fields)
        assert isinstance(refusal, Refusal), refusal
        assert self.case == before
        return refusal

    def asked(self, kind: type):
        """Return what the last act asked for of one kind."""
        return [ask for ask in self.asks if isinstance(ask, kind)]

    def held(self) -> list[tuple[Holder, int]]:
        """Return who held it how many hours, in order."""
        return [(h.holder, round(h.time / HOUR)) for h in holding(self.events, self.now)]


def act_is(event, act: CaseAct) -> bool:
    return event.action is act


def opened(**fields) -> Walk:
    walk = Walk(**fields)
    walk.do(OPERATOR, A.VERIFY)
    walk.do(OPERATOR, A.OPEN, due_at=START + timedelta(days=5))
    return walk


def dispatched(**fields) -> Walk:
    walk = opened()
    walk.do(OPERATOR, A.DISPATCH, department="water", **fields)
    return walk


def handling() -> Walk:
    walk = dispatched()
    walk.do(WATER, A.ACCEPT)
    walk.do(WATER, A.START)
    return walk


def reported_back() -> Walk:
    walk = handling()
    walk.do(WATER, A.REPORT_BACK, note="已修复")
    return walk


def checked() -> Walk:
    walk = reported_back()
    walk.do(CHECKER, A.CHECK_GOOD)
    return walk


def closed() -> Walk:
    walk = checked()
    walk.do(OPERATOR, A.CLOSE)
    return walk


def suspended(days: int = 2) -> Walk:
    walk = handling()
    walk.do(WATER, A.ASK_SUSPENSION, reason=REASON, review_at=walk.now + timedelta(days=days))
    walk.do(LEADER, A.GRANT)
    return walk
