"""A watched folder: each file once, whole, and oldest first."""

from __future__ import annotations

import pytest

from data.catalogue import catalogue
from data.collector import loop
from data.collector.fetch import Fetcher, FetchError
from tests.store.fetching import drop, get, old


def test_each_file_of_a_folder_is_taken_once_oldest_first(tmp_path, fetcher):
    drop(tmp_path, "b.xml", b"1", 90)
    drop(tmp_path, "a.xml", b"2", 60)
    assert get(fetcher, tmp_path.as_uri()) == [b"1", b"2"]
    assert get(fetcher, tmp_path.as_uri()) == []
    drop(tmp_path, "c.xml", b"3")
    assert get(fetcher, tmp_path.as_uri()) == [b"3"]


def test_a_file_written_again_is_taken_again(tmp_path, fetcher):
    drop(tmp_path, "a.xml", b"1", 90)
    get(fetcher, tmp_path.as_uri())
    drop(tmp_path, "a.xml", b"2", 60)
    assert get(fetcher, tmp_path.as_uri()) == [b"2"]


def test_files_that_are_hidden_partial_or_young_wait(tmp_path, fetcher):
    for name in (".hidden", "a.tmp", "b.part"):
        drop(tmp_path, name)
    young = drop(tmp_path, "young.xml", age=0)
    (tmp_path / "folder").mkdir()
    assert get(fetcher, tmp_path.as_uri()) == []
    old(young)
    assert get(fetcher, tmp_path.as_uri()) == [b"x"]
    assert young.exists()


def test_a_file_that_could_not_be_stored_comes_again(tmp_path, fetcher):
    drop(tmp_path, "a.xml", b"1")
    for _ in range(2):
        assert [f.payload for f in fetcher.fetch(tmp_path.as_uri(), timeout=1)] == [b"1"]


def test_a_folder_with_a_blank_and_chinese_in_its_name(tmp_path, fetcher):
    folder = tmp_path / "预警 收件"
    folder.mkdir()
    drop(folder, "一.xml", b"1")
    assert get(fetcher, folder.as_uri()) == [b"1"]


def test_a_folder_that_is_not_there_is_an_error(tmp_path, fetcher):
    with pytest.raises(FetchError, match="not a folder"):
        get(fetcher, (tmp_path / "no").as_uri())


def test_a_file_too_big_is_told_once_and_costs_no_other_file(tmp_path, fetcher):
    drop(tmp_path, "a.xml", b"1", 90)
    drop(tmp_path, "b.xml", b"x" * 2000, 80)
    drop(tmp_path, "c.xml", b"3", 70)
    found = []
    for _ in range(3):
        try:
            found += get(fetcher, tmp_path.as_uri())
        except FetchError as error:
            found.append(str(error))
    assert sorted(f for f in found if isinstance(f, bytes)) == [b"1", b"3"]
    assert [f for f in found if isinstance(f, str)] == ["b.xml: more than 0 MB"]


def test_a_large_table_is_named_whatever_may_be_taken_into_memory(tmp_path):
    fetcher = Fetcher(allowed=frozenset(), max_bytes=1000, large=500, largest=5000)
    small = drop(tmp_path, "a.csv", b"1", 90)
    large = drop(tmp_path, "b.csv", b"x" * 2000, 80)
    found = list(fetcher.fetch(tmp_path.as_uri(), timeout=1))
    assert [(f.path, f.payload) for f in found] == [(None, small.read_bytes()), (large, None)]
    drop(tmp_path, "c.csv", b"x" * 6000, 70)
    with pytest.raises(FetchError, match=r"c\.csv: more than 0 MB"):
        list(fetcher.fetch(tmp_path.as_uri(), timeout=1))


def test_tables_have_a_limit_of_their_own():
    sources = catalogue().sources
    table = sources["county_monthly"].model_copy(update={"max_mb": 1, "table_mb": 3})
    other = sources["yuepingan"].model_copy(update={"max_mb": 1, "table_mb": 3})
    asked = [loop._fetcher(s, frozenset()) for s in (table, other)]
    assert [(f.max_bytes >> 20, f.largest >> 20) for f in asked] == [(1, 3), (1, 1)]
    assert (asked[0].large, asked[1].large) == (1 << 20, 1 << 20)
