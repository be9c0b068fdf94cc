"""What a tile shows, asked of a real (SQLite) store: missing is never zero, late says so."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pydantic import TypeAdapter

from data import models as m
from data.catalogue import catalogue
from data.ingest.baselines import refresh_baselines
from data.queries.keys import read_keys
from data.vocabulary import (
    DomainPanel,
    Evidence,
    Grain,
    HeaderPanel,
    MapPanel,
    QueuePanel,
    SourcesPanel,
)
from tests.conftest import NOW
from tests.store.payloads import alert, feed, request, requests
from tests.store.support import (
    CALLS,
    CITY,
    LONGCHUAN,
    TICKETS_OPEN,
    YUANCHENG,
    ZIJIN,
    evidence_of,
    hour,
    local,
    observed,
    panel,
    put,
    sqlite_only,
    take,
    tile_of,
)

pytestmark = sqlite_only
BEDS, SPEED, STAYS = "HE-05", "TR-28", "HE-10"


def minute(indicator, area, num, den=None, ago=0):
    start = NOW.replace(second=0) - timedelta(minutes=ago)
    return observed(indicator, area, start, num, den, Grain.MINUTE)


# ---- the value ----


def test_what_was_never_reported_is_missing_and_not_zero(store):
    tile = tile_of(store, TICKETS_OPEN)
    assert (tile["value"], tile["status"], tile["level"]) == (None, "no_data", 0)
    assert (tile["observed_at"], tile["known_at"]) == (None, None)
    assert set(tile["trend"]) <= {None}
    assert tile["reported"] == 0
    assert tile["expected"] >= 1


def test_zero_that_was_reported_is_zero(store):
    put(store, minute(TICKETS_OPEN, ZIJIN, 0))
    tile = tile_of(store, TICKETS_OPEN)
    assert (tile["value"], tile["status"]) == (0, "normal")


def test_a_ratio_of_zero_over_zero_has_no_value(store):
    put(store, minute("TR-01", ZIJIN, 0, 0))
    tile = tile_of(store, "TR-01")
    assert (tile["value"], tile["status"]) == (None, "no_data")


def test_the_city_is_sum_over_sum_in_shown_units(store):
    put(
        store,
        observed(BEDS, ZIJIN, hour(-1), 90, 100),
        observed(BEDS, YUANCHENG, hour(-1), 10, 100),
    )
    assert tile_of(store, BEDS)["value"] == 50.0
    assert tile_of(store, BEDS, ZIJIN)["value"] == 90.0
    put(store, minute(SPEED, ZIJIN, 20.0, 2))
    assert tile_of(store, SPEED)["value"] == 36


def test_a_gauge_of_the_city_is_the_sum_of_its_counties(store):
    put(store, minute(TICKETS_OPEN, ZIJIN, 5), minute(TICKETS_OPEN, YUANCHENG, 7, ago=1))
    assert tile_of(store, TICKETS_OPEN)["value"] == 12
    assert tile_of(store, TICKETS_OPEN, YUANCHENG)["value"] == 7
    assert tile_of(store, TICKETS_OPEN, LONGCHUAN)["status"] == "no_data"


def test_today_is_the_total_since_local_midnight(store):
    put(
        store,
        observed(CALLS, ZIJIN, "2026-11-17T23:00", 1000),
        *(observed(CALLS, ZIJIN, f"2026-11-18T{h:02d}:00", 1) for h in range(11)),
        observed(CALLS, YUANCHENG, "2026-11-18T00:00", 4),
    )
    assert tile_of(store, CALLS)["value"] == 15
    assert tile_of(store, CALLS, YUANCHENG)["value"] == 4


def test_just_after_midnight_the_total_begins_again(store):
    now = local("2026-11-19T00:01")
    put(
        store,
        observed(CALLS, ZIJIN, "2026-11-18T23:00", 50),
        observed(CALLS, ZIJIN, "2026-11-19T00:00", 2),
        now=now,
    )
    assert tile_of(store, CALLS, now=now)["value"] == 2


def test_an_indicator_that_does_not_roll_up_is_each_areas_own(store):
    put(store, minute("PS-33", CITY, 1), minute("PS-33", ZIJIN, 1), minute("PS-33", YUANCHENG, 1))
    assert tile_of(store, "PS-33")["value"] == 1
    assert tile_of(store, "PS-33", ZIJIN)["value"] == 1


# ---- late, partial, hidden ----


def test_a_stale_value_is_kept_and_not_judged(store):
    put(store, minute(TICKETS_OPEN, ZIJIN, 99))
    ttl = catalogue().sources["hotline"].stale_after
    fresh = tile_of(store, TICKETS_OPEN, now=NOW + timedelta(seconds=ttl))
    late = tile_of(store, TICKETS_OPEN, now=NOW + timedelta(seconds=ttl + 61))
    assert fresh["status"] != "stale"
    assert (late["value"], late["status"], late["level"]) == (99, "stale", 0)
    assert late["known_at"] == NOW.timestamp()
    assert late["ttl"] == ttl


def test_an_area_that_fell_silent_is_left_out_and_said_so(store):
    put(store, minute(TICKETS_OPEN, YUANCHENG, 7, ago=30), minute(TICKETS_OPEN, ZIJIN, 5))
    tile = tile_of(store, TICKETS_OPEN)
    assert (tile["value"], tile["reported"], tile["expected"]) == (5, 1, 2)


def test_when_all_fell_silent_the_last_total_stays(store):
    put(store, minute(TICKETS_OPEN, YUANCHENG, 7, ago=30), minute(TICKETS_OPEN, ZIJIN, 5, ago=30))
    tile = tile_of(store, TICKETS_OPEN)
    assert (tile["value"], tile["status"], tile["reported"], tile["expected"]) == (
        12,
        "stale",
        0,
        2,
    )


def test_a_value_taken_back_is_missing(store):
    put(store, minute(TICKETS_OPEN, ZIJIN, 5))
    with store.write() as conn:
        conn.execute(m.latest.update().values(flag=9))
    assert tile_of(store, TICKETS_OPEN)["status"] == "no_data"


@pytest.mark.parametrize(("count", "shown"), [(0, 0), (1, None), (9, None), (10, 10)])
def test_small_counts_are_hidden_and_zero_is_not(store, count, shown):
    limit = catalogue().indicators[STAYS].small_count
    assert limit == 10
    put(store, observed(STAYS, ZIJIN, hour(-1), count))
    for area in (ZIJIN, CITY):
        tile = tile_of(store, STAYS, area)
        assert tile["value"] == shown
        assert tile.get("hidden", False) is (shown is None)
        assert {p for p in tile["trend"] if p is not None} == (
            {shown} if shown is not None else set()
        )


def test_small_counts_are_hidden_in_the_drawer_too(store):
    put(store, observed(STAYS, ZIJIN, hour(-1), 3))
    with store.read() as conn:
        found = evidence_of(conn, catalogue(), STAYS, ZIJIN, now=NOW)
    assert {(x["value"], x["numerator"]) for x in found["links"]} <= {(None, None)}


# ---- trend and band ----


def test_the_trend_of_a_total_ends_with_the_last_whole_hour(store):
    put(store, *(observed(CALLS, ZIJIN, hour(-h), h) for h in range(30)))
    trend = tile_of(store, CALLS)["trend"]
    assert trend == list(range(24, 0, -1))


def test_the_trend_of_a_gauge_ends_now_and_has_gaps(store):
    put(store, observed(TICKETS_OPEN, ZIJIN, hour(-3), 8), minute(TICKETS_OPEN, ZIJIN, 5))
    trend = tile_of(store, TICKETS_OPEN)["trend"]
    assert len(trend) == 24
    assert trend[-4:] == [8, None, None, 5]
    assert set(trend[:-4]) == {None}


def test_a_stale_gauge_does_not_draw_its_old_value_as_now(store):
    put(store, observed(TICKETS_OPEN, ZIJIN, hour(-3), 8))
    assert tile_of(store, TICKETS_OPEN)["trend"][-1] is None


def with_past(store, value=50):
    past = [observed(CALLS, ZIJIN, hour(-h), value) for h in range(7, 24 * 28)]
    put(store, *past)
    with store.write() as conn:
        refresh_baselines(conn, catalogue(), now=NOW)


def test_a_tile_carries_its_band_hour_by_hour(store):
    with_past(store)
    band = tile_of(store, CALLS)["band"]
    assert len(band) == 24
    assert all(b and b[0] < 50 < b[1] for b in band)
    assert tile_of(store, TICKETS_OPEN)["band"] == [None] * 24


@pytest.mark.parametrize(("this_hour", "level"), [(17, 0), (400, 3)])
def test_a_running_total_is_judged_by_what_is_usual_so_far(store, this_hour, level):
    with_past(store)
    hours = [observed(CALLS, ZIJIN, hour(-h), 50) for h in range(1, 7)]
    put(store, *hours, observed(CALLS, ZIJIN, hour(), this_hour))
    tile = tile_of(store, CALLS)
    assert tile["level"] == level
    assert (tile["status"], bool(tile["why"]["zh"])) == (
        ("watch", True) if level else ("normal", False)
    )


def test_a_quiet_morning_does_not_hide_a_loud_hour(store):
    """Far fewer calls than usual until now, three times as many in this hour."""
    with_past(store)
    hours = [observed(CALLS, ZIJIN, hour(-h), 20) for h in range(1, 11)]
    put(store, *hours, observed(CALLS, ZIJIN, hour(), 90), as_of=NOW + timedelta(seconds=1))
    assert tile_of(store, CALLS)["level"] == 3


# ---- the panels ----


def test_every_panel_keeps_to_the_vocabulary(store):
    put(store, minute(TICKETS_OPEN, ZIJIN, 5))
    take(store, "yuepingan", requests(request("1", "ZD-04"), request("2", "ZD-05", ZIJIN)))
    take(store, "warnings", feed(alert("A1"), alert("R1", geocode="441600", response="III")))
    take(store, "hotline", b"{")
    kinds = {"header": HeaderPanel, "queue": QueuePanel, "map": MapPanel, "sources": SourcesPanel}
    kinds |= {f"domain-{d}": DomainPanel for d in catalogue().wall_domains()}
    for name, kind in kinds.items():
        for area in (CITY, YUANCHENG, "4416GX"):
            TypeAdapter(kind).validate_python(
                panel(store, name, area), strict=False, extra="forbid"
            )


def test_a_domain_panel_has_its_four_tiles_in_order(store):
    for key in catalogue().wall_domains():
        found = panel(store, f"domain-{key}")
        slots = [catalogue().indicators[t["code"]].wall.slot for t in found["tiles"]]
        assert slots == [1, 2, 3, 4]
        assert found["name"] == catalogue().domains[key].name


def test_the_evidence_keeps_to_the_vocabulary_and_leads_to_the_file(store):
    take(store, "yuepingan", requests(request("1"), request("2")))
    with store.read() as conn:
        for code in catalogue().indicators:
            found = evidence_of(conn, catalogue(), code, CITY, now=NOW)
            TypeAdapter(Evidence).validate_python(found, extra="forbid")
        found = evidence_of(conn, catalogue(), CALLS, YUANCHENG, now=NOW)
    newest = found["links"][0]
    assert (newest["numerator"], newest["origin"]) == (2, "file:///test")
    assert newest["sha256"]
    assert newest["run_id"] == 1
    assert "yuepingan-1" in newest["excerpt"]
    assert (found["version"], found["department"]["en"]) == (1, "Public Security Bureau")


def test_the_evidence_tells_what_a_correction_replaced(store):
    put(store, observed(BEDS, ZIJIN, hour(-1), 90, 100))
    later = NOW + timedelta(hours=1)
    put(store, observed(BEDS, ZIJIN, hour(-1), 80, 100), as_of=later, now=later)
    with store.read() as conn:
        (revision,) = evidence_of(conn, catalogue(), BEDS, CITY, now=later)["revisions"]
    assert (revision["was"], revision["now"]) == (90, 80)
    assert (revision["recorded_at"], revision["superseded_at"]) == (
        NOW.timestamp(),
        later.timestamp(),
    )


def test_an_unknown_indicator_has_no_evidence(store):
    with store.read() as conn, pytest.raises(KeyError):
        evidence_of(conn, catalogue(), "XX-1", CITY, now=NOW)


def test_the_header_says_demo_only_where_the_city_is_made_up(store):
    assert panel(store, "header")["demo"] is False
    with store.write() as conn:
        conn.execute(m.store_info.insert().values(key="demo", value="true"))
    assert panel(store, "header")["demo"] is True


def test_a_new_indicator_of_a_known_source_is_seen_without_other_changes(store, tmp_path):
    """The whole way of `add an entry and nothing else`, from a copied catalogue."""
    import shutil

    from data.catalogue import load
    from data.ingest.reference import load_catalogue
    from data.ingest.run import ingest
    from data.settings import settings

    folder = tmp_path / "catalogue"
    shutil.copytree(settings().catalogue, folder)
    entries = folder / "indicators" / "public_safety.yaml"
    text = entries.read_text(encoding="utf-8")
    text += """
- code: PS-77
  name: {zh: 新指标, en: New indicator}
  unit: {zh: 起, en: calls}
  direction: lower
  aggregation: sum
  grain: hour
  numerator: {zh: 数, en: count}
  definition: {zh: 定义, en: definition}
  department: psb
  source: yuepingan
  feed: {kind: cases, measure: received, categories: [traffic_crash]}
  target: {kind: ceiling, levels: {4: 1}}
"""
    entries.write_text(text, encoding="utf-8")
    own = load(folder)
    with store.write() as conn:
        load_catalogue(conn, own)
    file = requests(request("1", "122-01"))
    assert ingest(store, own, own.sources["yuepingan"], file, origin="x", now=NOW).status == "ok"
    with store.read() as conn:
        assert read_keys(conn).indicators["PS-77"]
        found = evidence_of(conn, own, "PS-77", YUANCHENG, now=NOW)["tile"]
    assert (found["value"], found["status"], found["level"]) == (1, "watch", 4)
