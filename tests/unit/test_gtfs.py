import io
import time
import zipfile
from datetime import date

import pytest

from data.connectors.connector import Options, PayloadError
from data.connectors.excerpt import excerpt
from data.connectors.gtfs import parse
from tests.shared_samples import expected, sample_bytes

OPTIONS = Options()
NAMES = [
    "cairns_gtfs.zip",
    "sample_gtfs.zip",
    "jaroslaw_gtfs_20260101.zip",
    "jaroslaw_gtfs_20260101_fixed_rezipped.zip",
]

FEED = {
    "agency.txt": "agency_name,agency_timezone\n公交,Asia/Shanghai\n",
    "routes.txt": "route_id, route_short_name ,route_type\nR1,1路,3\nR2,2路,3\n",
    "stops.txt": "stop_id,stop_name,stop_lat,stop_lon\nS1,车站,23.7,114.7\nS2,市场,,\n",
    "trips.txt": "route_id,service_id,trip_id\nR1,WD,T1\nR1,WD,T2\n",
    "stop_times.txt": (
        "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
        "T1,23:50:00,23:50:00,S1,1\nT1,24:10:00,,S2,2\nT2,,,S1,1\n"
    ),
    "calendar.txt": (
        "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\n"
        "WD,1,1,1,1,1,0,0,20260302,20260308\n"
    ),
}


def feed(folder="", encoding="utf-8", **tables):
    """Return a zip of FEED; tables replace a file by name, None leaves it out."""
    files = FEED | {f"{name}.txt": text for name, text in tables.items()}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            if text is not None:
                archive.writestr(folder + name, text.encode(encoding))
    return buffer.getvalue()


def more(name, *rows):
    return FEED[f"{name}.txt"] + "".join(f"{row}\n" for row in rows)


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_is_read_as_its_account_says(name):
    facts = expected("gtfs")[name]
    began = time.perf_counter()
    parsed = parse(sample_bytes(f"gtfs/{name}"), OPTIONS)
    assert time.perf_counter() - began < 5
    summary, (record,) = parsed.summary, parsed.records
    assert summary["rows"] == facts["row_counts"]
    assert summary["timezone"] == record.timezone == facts["timezone"]
    assert summary["routes_with_trips"] == facts["distinct_routes_with_trips"]
    assert summary["stop_times_at_or_after_24h"] == facts["stop_times_at_or_after_24h"]
    assert summary["orphan_stop_times"] == facts["stop_times_with_unknown_trip"]
    assert summary["service_range"] == facts["calendar_range"]
    frequencies = facts.get("frequencies", {})
    departures = frequencies.get("expanded_departures_start_le_t_lt_end", 0)
    assert summary["frequency_departures"] == departures
    assert parsed.quarantined == facts["stop_times_with_unknown_trip"]
    assert parsed.accepted == sum(facts["row_counts"].values()) - parsed.quarantined
    assert len(record.trips) == facts["row_counts"]["trips"]
    lats = [stop.lat for stop in record.stops]
    lons = [stop.lon for stop in record.stops]
    corners = [min(lats), min(lons), max(lats), max(lons)]
    assert corners == pytest.approx(facts["stop_bbox"], abs=1e-5)
    for day, told in facts["service_on"].items():
        asked = f"{day[:4]}-{day[4:6]}-{day[6:]}"
        if day in ("20140526", "20140609", "20260405", "20070604"):
            dated = parse(sample_bytes(f"gtfs/{name}"), Options(date=asked))
            assert dated.summary["trips_on"] == told["scheduled_trips"]
        running = {s for d, s in record.service_dates if d == date.fromisoformat(asked)}
        assert running == set(told["active_services"])


def test_an_orphan_is_named_by_its_line():
    raw = sample_bytes("gtfs/jaroslaw_gtfs_20260101.zip")
    parsed = parse(raw, OPTIONS)
    assert parsed.reasons == {"orphan_stop_time": 828}
    first = parsed.problems[0]
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        line = archive.read("stop_times.txt").decode("utf-8-sig").splitlines()[first.row - 1]
    assert first.value in line
    assert first.value in excerpt(raw, "gtfs", first.row, first.field)


def test_a_zip_of_something_else_names_what_it_lacks():
    with pytest.raises(PayloadError, match=r"agency\.txt.*calendar"):
        parse(sample_bytes("gtfs/badgtfs.zip"), OPTIONS)


@pytest.mark.parametrize(("folder", "encoding"), [("", "utf-8-sig"), ("gtfs/", "utf-8")])
def test_marks_folders_and_blanks_in_headers_do_no_harm(folder, encoding):
    parsed = parse(feed(folder, encoding), OPTIONS)
    (record,) = parsed.records
    assert [r.short_name for r in record.routes] == ["1路", "2路"]
    assert record.stops[1].lat is None
    assert record.route_stops == (("R1", "S1"), ("R1", "S2"))
    assert parsed.summary["stop_times_at_or_after_24h"] == 1
    assert len(record.service_dates) == 5
    assert (parsed.quarantined, parsed.summary["warnings"]) == (0, {})


def with_bad_rows():
    return feed(
        routes=more("routes", "R3,3路,bus", ",4路,3", "R1,again,3"),
        stops=more("stops", "S3,远方,99,200", "S4,海上,0,0"),
        trips=more("trips", "R9,WD,T3", "R1,WD,T1", "R1,XX,T4"),
        stop_times=more(
            "stop_times",
            "T1,25:61:00,,S1,3",
            "T9,08:00:00,,S1,1",
            "T1,08:00:00,,S9,4",
            "T1,08:00:00,,S1,x",
            "T1,08:00:00,,,5",
            ",08:00:00,,S1,6",
        ),
        calendar=more(
            "calendar", "W2,1,1,1,1,1,0,2,20260302,20260308", "W3,1,1,1,1,1,0,0,20260302,"
        ),
        calendar_dates="service_id,date,exception_type\nWD,20260307,1\nWD,20260302,2\nWD,20260303,3\n",
        frequencies="trip_id,start_time,end_time,headway_secs\nT1,6:00:00,7:00:01,600\nT1,7:00:00,6:00:00,600\nT7,6:00:00,7:00:00,600\n",
    )


def test_bad_rows_are_refused_and_the_feed_stays():
    parsed = parse(with_bad_rows(), Options(date="2026-03-07"))
    assert parsed.reasons == {
        "bad_date": 1,
        "bad_exception_type": 1,
        "bad_frequency": 1,
        "bad_number": 2,
        "bad_time": 1,
        "bad_weekday": 1,
        "duplicate_route_id": 1,
        "duplicate_trip_id": 1,
        "no_route_id": 1,
        "no_stop_id": 1,
        "no_trip_id": 1,
        "orphan_stop_time": 1,
        "unknown_route": 1,
        "unknown_stop": 1,
        "unknown_trip": 1,
    }
    assert parsed.summary["warnings"] == {"bad_position": 2, "unknown_service": 1}
    assert parsed.summary["frequency_departures"] == 7
    assert parsed.summary["trips_on"] == 2
    assert parsed.accepted + parsed.quarantined == sum(parsed.summary["rows"].values())
    assert {d.day for d, _ in parsed.records[0].service_dates} == {3, 4, 5, 6, 7}


def test_a_calendar_without_end_does_not_fill_the_memory():
    rows = [f"W{n},1,1,1,1,1,1,1,20000101,29991231" for n in range(4)]
    parsed = parse(feed(calendar=more("calendar", *rows)), OPTIONS)
    assert parsed.reasons == {"range_too_long": 2}


def test_a_feed_of_dates_only_has_a_range():
    dates = "service_id,date,exception_type\nWD,20260307,1\nWD,20260310,1\n"
    parsed = parse(feed(calendar=None, calendar_dates=dates), OPTIONS)
    assert parsed.summary["service_range"] == ["20260307", "20260310"]


def bomb():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("stops.txt", b"0" * 30_000_000)
    return buffer.getvalue()


def crowd():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for n in range(600):
            archive.writestr(f"{n}.txt", b"")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: b"", "empty"),
        (lambda: b"stop_id,stop_name\n", "not a zip"),
        (lambda: feed()[:-40], "not a zip"),
        (lambda: feed(stops=None), r"no stops\.txt"),
        (lambda: feed(calendar=None), r"calendar\.txt or calendar_dates\.txt"),
        (lambda: feed(stops="stop_name\nx\n"), "no column stop_id"),
        (lambda: feed(stops=""), "no column stop_id"),
        (lambda: feed(encoding="gbk"), "not UTF-8"),
        (lambda: feed(agency="agency_timezone\nMars/Olympus\n"), "no time zone"),
        (lambda: feed(stops=more("stops", '"' + "x" * 200_000)), r"stops\.txt breaks at line 4"),
        (bomb, "bomb"),
        (crowd, "600 entries"),
    ],
)
def test_a_file_of_the_wrong_kind_is_refused_in_one_line(make, words):
    with pytest.raises(PayloadError, match=words) as caught:
        parse(make(), OPTIONS)
    assert "\n" not in str(caught.value)


def test_what_unpacks_too_big_is_refused():
    with pytest.raises(PayloadError, match="unpacks to 30"):
        parse(bomb(), Options(max_bytes=10_000_000))


def test_a_row_can_be_shown():
    assert "stop_name=市场" in excerpt(feed(), "gtfs", 3)
    assert excerpt(feed(), "gtfs", 99) is None
    assert excerpt(b"PK", "gtfs", 1) is None
