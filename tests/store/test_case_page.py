"""The page of a case, asked of the store: all that belongs to it, for whoever may see it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, text

from data import models as m
from data.cases.page import CasePage
from data.catalogue import catalogue
from data.panels.one_case import one_case
from data.queries.keys import read_keys
from data.queries.scope import EVERYTHING, NOTHING, Scope, scope_of
from data.store import Store
from data.vocabulary import CaseAct, Role
from tests.conftest import NOW
from tests.store.acting import LEADER, OPERATOR, OTHER, TO_CLOSED, TO_HANDLING, WATER, Loop
from tests.store.support import YUANCHENG, ZIJIN, take

A = CaseAct
PLACE = {"lon": 114.7003, "lat": 23.7461, "area": None, "address": "源城区新江街道滨江路"}
NEAR = {"lon": 114.7020, "lat": 23.7470, "area": None, "address": "源城区新江街道滨江路"}
FAR = {"lon": 114.7003, "lat": 23.7461 + 0.03, "area": None, "address": "源城区东埔街道"}


def asked(loop: Loop, scope: Scope = EVERYTHING, no: str = "") -> CasePage | None:
    with loop.store.read() as conn:
        return one_case(
            conn, catalogue(), read_keys(conn), no or loop.no, scope=scope, now=loop.now
        )


def page(loop: Loop) -> CasePage:
    found = asked(loop)
    assert found is not None
    return found


def of(**who: Any) -> Scope:
    return scope_of(
        catalogue(), **({"role": Role.OPERATOR, "department": None, "area": None} | who)
    )


# ---- who may see it ----


def test_a_case_that_is_not_there_is_none(store: Store) -> None:
    assert asked(Loop(store), no="ZZ0") is None


def test_a_county_sees_its_own_cases_only(store: Store) -> None:
    loop = Loop(store)
    assert asked(loop, of(area=YUANCHENG)) is not None
    assert asked(loop, of(area=ZIJIN)) is None
    assert asked(loop, NOTHING) is None


def test_a_department_sees_what_it_leads_and_what_it_has_a_task_on(store: Store) -> None:
    loop = Loop(store)
    loop.goes(TO_HANDLING)
    water = of(role=Role.DEPARTMENT, department="water")
    fire = of(role=Role.DEPARTMENT, department="fire")
    assert asked(loop, water) is not None
    assert asked(loop, fire) is None
    loop.does(A.ASSIGN_TASK, department="fire", activity="排涝")
    assert asked(loop, fire) is not None


def test_near_and_tied_cases_outside_the_scope_show_no_title(store: Store) -> None:
    loop = Loop(store, **PLACE)
    other = Loop(store, **NEAR, category="road_blocked", title="树木倒伏")
    loop.goes(TO_HANDLING)
    other.goes([*TO_HANDLING[:2], (A.DISPATCH, OPERATOR, {"department": "highway"})])
    loop.does(A.LINK, kind="cross_county", other=other.no)
    everyone = page(loop)
    assert [b.no for b in everyone.around.near] == [other.no]
    assert [x.other.title for x in everyone.links if x.other] == ["树木倒伏"]
    mine = asked(loop, of(role=Role.DEPARTMENT, department="water"))
    assert mine is not None
    assert mine.around.near == ()
    assert [(x.other.no, x.other.title) for x in mine.links if x.other] == [(other.no, None)]


# ---- what belongs to it ----


def test_the_page_holds_all_that_was_done(store: Store) -> None:
    loop = Loop(store)
    loop.goes(TO_HANDLING)
    loop.does(A.ASSIGN_TASK, department="fire", activity="排涝")
    until = loop.now + timedelta(days=2)
    loop.does(A.ASK_EXTENSION, WATER, reason="需潜水", until=until)
    loop.does(A.GRANT, LEADER, note="同意")
    loop.does(A.SUPERVISE, LEADER, colour=2, note="催办")
    found = page(loop)
    assert found.head.state == "handling"
    assert found.head.department == "water"
    assert found.head.due_at == until
    assert found.head.extensions == 1
    assert [t.action for t in found.turns][:4] == ["report", "verify", "open", "start_sop"]
    assert [t.seq for t in found.turns] == list(range(1, len(found.turns) + 1))
    assert [(a.kind, a.granted, a.decided_name) for a in found.asked] == [
        ("extension", True, "值班领导")
    ]
    assert "fire" in {t.department for t in found.tasks}
    assert found.steps
    assert found.steps[0].name["zh"] != "1"
    assert [(c.colour, c.state) for c in found.cards] == [(2, "active")]


def test_an_extended_clock_is_kept_with_the_approval_that_moved_it(store: Store) -> None:
    loop = Loop(store)
    loop.goes(TO_HANDLING)
    loop.does(A.ASK_EXTENSION, WATER, reason="需潜水", until=loop.now + timedelta(days=2))
    loop.does(A.GRANT, LEADER)
    total = [c for c in page(loop).clocks if c.kind == "total"]
    old, new = sorted(total, key=lambda c: c.id)
    assert old.replaced_by == new.id
    assert new.approval_id == page(loop).asked[0].id
    assert old.due is not None
    assert new.due is not None
    assert len(new.due.lines) > len(old.due.lines)
    added = (new.due_at - old.due_at).total_seconds()
    assert new.due.seconds == pytest.approx(old.due.seconds + added, abs=1), "the sum that is told"
    assert new.due_at > old.due_at


def test_every_second_belongs_to_one_holder_up_to_now_or_the_end(store: Store) -> None:
    loop = Loop(store)
    loop.goes(TO_HANDLING)
    loop.now += timedelta(hours=3)
    found = page(loop)
    assert sum(h.seconds for h in found.holds) == (loop.now - NOW).total_seconds()
    assert all(a.end == b.start for a, b in zip(found.holds, found.holds[1:], strict=False))
    loop.goes([(A.REPORT_BACK, WATER, {"note": "已处置"}), (A.CHECK_GOOD, OTHER, {}),
               (A.CLOSE, OPERATOR, {})])  # fmt: skip
    ended = page(loop)
    closed = ended.head.closed_at
    assert closed is not None
    loop.now += timedelta(days=3)
    later = page(loop)
    assert sum(h.seconds for h in later.holds) == (closed - NOW).total_seconds()


def test_a_closed_case_keeps_its_call_back(store: Store) -> None:
    loop = Loop(store)
    loop.goes(TO_CLOSED)
    loop.does(A.CALL_BACK, result="dissatisfied", reason="仍有积水")
    found = page(loop)
    assert found.head.call_back == "dissatisfied"
    assert found.head.called_at is not None


def test_ties_are_told_from_both_ends(store: Store) -> None:
    loop, parent = Loop(store), Loop(store, title="主案")
    loop.does(A.MERGE, parent=parent.no)
    (out,) = page(loop).links
    (back,) = page(parent).links
    assert (out.out, out.other and out.other.no) == (True, parent.no)
    assert (back.out, back.other and back.other.no) == (False, loop.no)


def test_names_and_telephones_typed_into_a_case_are_masked(store: Store) -> None:
    loop = Loop(store, body="联系人电话13800138000")
    loop.does(A.NOTE, note="回拨13800138000")
    found = page(loop)
    assert "13800138000" not in found.head.body
    assert "13800138000" not in found.turns[-1].note


# ---- what lies about it ----


def test_open_cases_within_two_kilometres_or_of_the_same_town_are_near(store: Store) -> None:
    loop = Loop(store, **PLACE)
    near, far = Loop(store, **NEAR, title="近"), Loop(store, **FAR, title="远")
    town = catalogue().areas[page(loop).head.area]
    assert town.level == 3
    same = Loop(store, area=town.code, title="同镇街")
    closed = Loop(store, **NEAR, title="已结")
    closed.does(A.REJECT, reason="重复")
    found = {b.no: b for b in page(loop).around.near}
    assert set(found) == {near.no, same.no}
    assert found[near.no].metres == pytest.approx(200, abs=30)
    assert found[same.no].metres is None
    assert far.no not in found


def test_near_cases_are_found_without_reading_closed_ones(store: Store) -> None:
    loop = Loop(store, **PLACE)
    page(loop)
    if not store.sqlite:
        return
    plan = (
        "explain query plan select id from cases where closed_at is null and id != 1 and "
        "((lon between 1 and 2 and lat between 1 and 2) or area_id = 3) order by level, due_at, id"
    )
    with store.read() as conn:
        said = " ".join(str(row) for row in conn.execute(text(plan)))
    assert "ix_cases_desk" in said


def _timetable(store: Store, *calls: tuple[str, str]) -> None:
    """Put two routes and two stops into the store: one 250 m away, one 5 km."""
    with store.write() as conn:
        source = read_keys(conn).sources["bus_static"]
        own = {"source_id": source, "run_id": 1}
        conn.execute(m.transit_route.insert(), [
            {**own, "route_id": r, "short_name": f"{r}路", "long_name": "客运站—新城",
             "route_type": 3, "area_id": None, "trips": 40} for r in ("8", "9")
        ])  # fmt: skip
        conn.execute(m.transit_stop.insert(), [
            {**own, "stop_id": "near", "name": "滨江路", "lon": 114.7023, "lat": 23.7465,
             "area_id": None},
            {**own, "stop_id": "far", "name": "高铁站", "lon": 114.75, "lat": 23.7461,
             "area_id": None},
        ])  # fmt: skip
        if calls:
            rows = [{**own, "stop_id": stop, "route_id": route} for stop, route in calls]
            conn.execute(m.transit_route_stop.insert(), rows)


def test_bus_routes_with_a_stop_within_500_metres_are_affected(store: Store) -> None:
    loop = Loop(store, **PLACE)
    _timetable(store, ("near", "8"), ("far", "8"), ("far", "9"))
    routes = page(loop).around.routes
    assert routes is not None
    assert routes.known
    assert [(r.name, r.stop) for r in routes.rows] == [("8路", "滨江路")]
    assert routes.rows[0].metres == pytest.approx(210, abs=20)


def test_a_timetable_that_does_not_tell_which_route_stops_where_is_not_no_route(
    store: Store,
) -> None:
    loop = Loop(store, **PLACE)
    none = page(loop).around.routes
    assert none is not None
    assert not none.known, "no timetable at all"
    _timetable(store)
    found = page(loop).around.routes
    assert found is not None
    assert not found.known
    assert page(Loop(store)).around.routes is None, "a case without a position"


def test_hospitals_near_by_are_named_with_their_distance(store: Store) -> None:
    loop = Loop(store, **PLACE)
    with store.write() as conn:
        keys = read_keys(conn)
        own = {"source_id": keys.sources["health_capacity"], "run_id": 1}
        conn.execute(m.facility.insert(), [
            {**own, "location_id": "a", "name": "市人民医院", "lon": 114.71, "lat": 23.75,
             "area_id": keys.areas[YUANCHENG]},
            {**own, "location_id": "b", "name": "紫金县医院", "lon": 115.18, "lat": 23.63,
             "area_id": keys.areas[ZIJIN]},
            {**own, "location_id": "c", "name": "源城区", "lon": None, "lat": None,
             "area_id": keys.areas[YUANCHENG]},
        ])  # fmt: skip
    found = page(loop).around.hospitals
    assert [h.name for h in found] == ["市人民医院"]
    assert found[0].metres == pytest.approx(1080, abs=60)


def test_a_mirrored_case_leads_to_its_run_and_moves_its_indicators(store: Store) -> None:
    row = {
        "service_request_id": "H1", "status": "open", "status_notes": "待派单",
        "service_code": next(iter(catalogue().sources["hotline"].categories)),
        "description": "求助", "requested_datetime": NOW.isoformat(),
        "updated_datetime": NOW.isoformat(), "address": "河源市源城区新江街道",
    }  # fmt: skip
    take(store, "hotline", json.dumps([row]).encode())
    with store.read() as conn:
        number = conn.execute(m.cases.select()).one().case_no
        found = one_case(conn, catalogue(), read_keys(conn), number, scope=EVERYTHING, now=NOW)
    assert found is not None
    assert found.head.run_id > 0
    assert found.head.row_no is not None
    assert found.head.led_since is None
    codes = {f.tile["code"] for f in found.around.moves}
    wanted = {
        i.code for i in catalogue().of_source("hotline")
        if i.feed.kind == "cases" and found.head.category in (*i.feed.categories, *i.feed.of)
    }  # fmt: skip
    assert codes == wanted
    assert codes
    assert all(f.tile["unit"] and f.source_name for f in found.around.moves)


def test_the_page_is_asked_with_few_statements_however_long_the_case(store: Store) -> None:
    loop = Loop(store, **PLACE)
    loop.goes(TO_HANDLING)
    counts = []
    for notes in (0, 10):
        for n in range(notes):
            loop.does(A.NOTE, note=f"第{n}条")
        said: list[str] = []

        def note(_c: Any, _cur: Any, sql: str, *_more: Any, said: list[str] = said) -> None:
            said.append(sql)

        event.listen(store.engine, "before_cursor_execute", note)
        page(loop)
        event.remove(store.engine, "before_cursor_execute", note)
        counts.append(len(said))
    assert counts[0] == counts[1]


def test_a_case_that_hangs_on_a_row_the_catalogue_forgot_is_still_shown(store: Store) -> None:
    loop = Loop(store)
    loop.goes(TO_HANDLING)
    with store.write() as conn:
        conn.execute(m.case_clock.update().values(rule="gone", rule_version=9))
        conn.execute(m.case_step.update().values(sop="gone", sop_version=9))
    found = page(loop)
    assert all(c.due is None for c in found.clocks)
    assert found.steps[0].name["zh"] == "1"
    assert found.head.no == loop.no
