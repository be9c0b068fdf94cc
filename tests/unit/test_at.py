"""What `at=` means, what is refused, and how links keep it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.replaying import Replay, keep, looking_back, with_at
from data.sharing.at import AtFault, instant_of, read_at, written

NOW = datetime(2026, 11, 23, 6, 5, tzinfo=UTC)
FIRST = NOW - timedelta(days=730)
THEN = datetime(2026, 11, 20, 6, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-20T14:05", "2026-11-20 14:05", "2026-11-20T14:05:00", "2026-11-20T06:05Z",
        "2026-11-20T06:05:00Z", "2026-11-20T14:05+08:00", "2026-11-20T14:05 08:00",
        "2026-11-20T01:05-05:00", "1795154700", "1795154700000", " 2026-11-20T14:05 ",
    ],
)  # fmt: skip
def test_people_and_programs_write_the_same_instant(text):
    assert instant_of(text) == THEN


def test_a_day_alone_is_its_local_midnight():
    assert instant_of("2026-11-20") == datetime(2026, 11, 19, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    ["", "now", "yesterday", "14:05", "2026-13-01T00:00", "2026-11-20T25:00", "１７９５１５４７００",
     "99999999999999", "-1", "1e9", "2026-11-20T14:05+99:99", "x" * 500, "2026-11-20T14:05'--"],
)  # fmt: skip
def test_what_is_no_instant_is_said_to_be_none(text):
    found = instant_of(text)
    assert found is None or read_at(text, first=FIRST, now=NOW) in set(AtFault)


def test_the_future_the_beginning_and_an_empty_store_are_refused_with_their_reason():
    assert read_at("2026-11-24T00:00", first=FIRST, now=NOW) is AtFault.FUTURE
    assert read_at("1970-01-01T08:00", first=FIRST, now=NOW) is AtFault.TOO_EARLY
    assert read_at("2026-11-20T14:05", first=None, now=NOW) is AtFault.TOO_EARLY
    assert read_at("tomorrow", first=FIRST, now=NOW) is AtFault.UNREADABLE
    assert read_at(written(NOW + timedelta(seconds=40)), first=FIRST, now=NOW) == NOW


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading(text):
    found = read_at(text, first=FIRST, now=NOW)
    assert isinstance(found, AtFault) or FIRST <= found <= NOW


@given(st.integers(int(FIRST.timestamp()), int(NOW.timestamp())))
def test_what_is_written_is_read_back(second):
    at = datetime.fromtimestamp(second, UTC)
    assert instant_of(written(at)) == at


def test_links_keep_the_instant_only_under_replay():
    assert keep("/desk?area=441602") == "/desk?area=441602"
    with looking_back(Replay(THEN, NOW, FIRST)):
        assert keep("/desk?area=441602") == "/desk?area=441602&at=2026-11-20T14:05"
        assert keep("?lang=en") == "?lang=en&at=2026-11-20T14:05"
        assert keep("https://elsewhere.example/") == "https://elsewhere.example/"
    assert with_at("/?at=2026-11-20T14:05&area=441602", None) == "/?area=441602"
    assert with_at("/?at=2026-11-20T14:05", None) == "/"


def test_what_was_brought_in_at_once_is_called_so():
    assert not Replay(THEN, NOW, FIRST, loaded=FIRST).afterwards
    assert Replay(THEN, NOW, FIRST, loaded=NOW).afterwards
