"""A watched folder: each file once, whole, and oldest first."""

from __future__ import annotations

import pytest

from data.collector.fetch import FetchError
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
