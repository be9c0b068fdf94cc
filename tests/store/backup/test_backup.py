"""Backups are made while others write, are whole, show every change, and can be put back."""

from __future__ import annotations

import threading
import zipfile
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from data import models as m
from data.collector.lease import Lease
from data.ops import OpsError, archive, census
from data.ops.backup import backup, let_go, name_at
from data.ops.restore import restore, verify
from data.store import Store
from tests.conftest import NOW
from tests.store.backup.backups import rewritten
from tests.store.payloads import request, requests
from tests.store.support import CITY, count, take

LATER = NOW + timedelta(hours=1)


def census_of(store):
    with store.read() as conn:
        return census.take(conn)


def test_a_backup_can_be_restored_and_says_what_it_holds(lived, made):
    manifest = verify(lived, made)
    assert manifest.tables["cases"] == 1
    assert manifest.census == census_of(lived)
    assert manifest.made_at == NOW
    assert manifest.city == CITY
    assert manifest.build


def test_only_its_owner_may_read_it_and_nothing_is_left_beside_it(made):
    assert made.stat().st_mode & 0o777 == 0o600
    assert [p.name for p in made.parent.iterdir()] == [made.name]


def test_the_store_is_written_to_all_the_while(lived, tmp_path):
    """The copy is of one moment: each write is two rows, and no backup has half of one."""
    stop, wrote = threading.Event(), []
    url = lived.engine.url.render_as_string(hide_password=False)
    with lived.write() as conn:
        conn.exec_driver_sql("create table pairs (one integer, two integer)")

    def write():
        other = Store(url)
        while not stop.is_set():
            with other.write() as conn:
                n = len(wrote)
                conn.exec_driver_sql(f"insert into pairs values ({n}, 1), ({n}, 2)")
            wrote.append(n)
        other.dispose()

    thread = threading.Thread(target=write)
    thread.start()
    counts = []
    try:
        for number in range(4):
            at = NOW + timedelta(seconds=number)
            before = len(wrote)
            made = backup(lived, tmp_path / name_at(at), city=CITY, now=at)
            counts.append(made.tables["pairs"])
            assert counts[-1] % 2 == 0
            assert counts[-1] >= 2 * before, "what was committed before is in it"
            assert verify(lived, tmp_path / name_at(at)) == made
    finally:
        stop.set()
        thread.join()
    assert counts[-1] > counts[0], "the writer went on meanwhile"
    assert count_pairs(lived) == 2 * len(wrote), "and nothing it wrote was lost"


def count_pairs(store):
    with store.read() as conn:
        return conn.exec_driver_sql("select count(*) from pairs").scalar_one()


def test_what_was_lost_comes_back(lived, made):
    before = census_of(lived)
    take(lived, "yuepingan", requests(request("1"), request("2")))
    done = restore(lived, made, city=CITY, now=LATER, force=True)
    after = census_of(lived)
    assert after.tables["cases"] == 1
    assert {k: v for k, v in after.tables.items() if k != "store_info"} == {
        k: v for k, v in before.tables.items() if k != "store_info"
    }
    assert done.at_head
    assert done.kept is not None
    assert verify(lived, done.kept).tables["cases"] == 2, "what stood there is kept"
    assert take(lived, "yuepingan", requests(request("1"), request("3"))).counts.new == 1


def test_the_restored_store_can_be_backed_up_and_restored_again(lived, made, tmp_path):
    restore(lived, made, city=CITY, now=LATER, force=True, keep=False)
    again = tmp_path / name_at(LATER)
    backup(lived, again, city=CITY, now=LATER)
    restore(lived, again, city=CITY, now=LATER, force=True, keep=False)
    assert count(lived, m.cases) == 1


def test_screens_take_the_restored_store_for_another_one(lived, made):
    before = census_of(lived)
    restore(lived, made, city=CITY, now=LATER, force=True, keep=False)
    assert census_of(lived).epoch not in ("", before.epoch)
    with lived.read() as conn:
        assert conn.execute(select(func.count()).select_from(m.panel_snapshot)).scalar() == 1


def test_append_only_tables_are_append_only_again(lived, made):
    restore(lived, made, city=CITY, now=LATER, force=True, keep=False)
    with pytest.raises(Exception, match=r"append|only|never"), lived.write() as conn:
        conn.execute(m.case_event.delete())


def test_whoever_reads_meanwhile_sees_the_new_store(lived, made):
    """A web worker keeps its connections: after the restore they show what was put back."""
    other = Store(lived.engine.url.render_as_string(hide_password=False))
    assert count(other, m.cases) == 1
    take(lived, "yuepingan", requests(request("1"), request("2")))
    assert count(other, m.cases) == 2
    restore(lived, made, city=CITY, now=LATER, force=True, keep=False)
    assert count(other, m.cases) == 1
    with other.write() as conn:
        conn.execute(m.store_info.insert().values(key="x", value="y"))
    other.dispose()
    assert count(lived, m.store_info) >= 2


def test_a_store_in_use_is_not_written_over_without_force(lived, made):
    before = census_of(lived)
    with pytest.raises(OpsError, match="--force"):
        restore(lived, made, city=CITY, now=LATER)
    assert census_of(lived) == before


def test_a_leading_collector_is_noticed_even_with_force(lived, made):
    Lease(lived, "collector", seconds=15).hold(LATER)
    before = census_of(lived)
    with pytest.raises(OpsError, match="collector leads"):
        restore(lived, made, city=CITY, now=LATER, force=True)
    assert census_of(lived) == before
    restore(lived, made, city=CITY, now=LATER + timedelta(seconds=16), force=True, keep=False)


def test_nobody_leads_a_restored_store(lived, tmp_path):
    Lease(lived, "collector", seconds=15).hold(NOW)
    path = tmp_path / name_at(NOW)
    backup(lived, path, city=CITY, now=NOW)
    restore(lived, path, city=CITY, now=LATER, force=True, keep=False)
    assert count(lived, m.lease) == 0


@pytest.mark.parametrize("place", [0.3, 0.5, 0.7])
def test_a_changed_byte_is_found(lived, made, place):
    body = bytearray(made.read_bytes())
    body[int(len(body) * place)] ^= 0x55
    made.write_bytes(body)
    refused(lived, made)


def test_a_file_that_was_cut_off_is_found(lived, made):
    made.write_bytes(made.read_bytes()[:-2000])
    refused(lived, made)


def test_another_payload_under_right_checksums_is_found(lived, made):
    rewritten(made, payload=lambda copy: copy[:-1] + bytes([copy[-1] ^ 1]))
    refused(lived, made, "SHA-256")
    rewritten(made, payload=lambda copy: copy + b"x")
    refused(lived, made, "size")


def test_another_count_in_the_manifest_is_found(lived, made):
    tables = archive.read_manifest(made).tables
    rewritten(made, manifest={"tables": tables | {"cases": 7}})
    with pytest.raises(OpsError, match="cases: 1 rows, not 7 rows"):
        verify(lived, made)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"revision": "9999"}, "does not know"),
        ({"format": 2}, "format"),
        ({"product": "other"}, "product"),
        ({"sha256": None}, "sha256"),
        ({"extra": 1}, "extra"),
    ],
)
def test_a_manifest_that_is_not_ours_is_named(lived, made, change, said):
    rewritten(made, manifest=change)
    refused(lived, made, said)


def test_what_is_no_backup_is_one_sentence(lived, tmp_path):
    path = tmp_path / "x.backup"
    with pytest.raises(OpsError, match="no file"):
        verify(lived, path)
    path.write_bytes(b"hello")
    with pytest.raises(OpsError, match="cut off or damaged"):
        verify(lived, path)
    with zipfile.ZipFile(path, "w") as empty:
        empty.writestr("a", "b")
    with pytest.raises(OpsError, match="no manifest"):
        verify(lived, path)


def refused(store, path, said=None):
    before = census_of(store)
    with pytest.raises(OpsError, match=said):
        verify(store, path)
    with pytest.raises(OpsError, match=said):
        restore(store, path, city=CITY, now=LATER, force=True, keep=False)
    assert census_of(store) == before, "nothing was touched"


def test_a_backup_of_the_other_database_is_refused(lived, made):
    other = "sqlite" if not lived.sqlite else "postgresql"
    rewritten(made, manifest={"database": other})
    with pytest.raises(OpsError, match=f"a backup of {other}"):
        verify(lived, made)


def test_an_empty_store_gives_no_backup(bare_store, tmp_path):
    with pytest.raises(OpsError, match=r"nothing to copy|no store"):
        backup(bare_store, tmp_path / name_at(NOW), city=CITY, now=NOW)
    assert not [p for p in tmp_path.iterdir() if "zhizhi" in p.name]


def template_backed_up(bare_store, path, request):
    """Back up a store of the same kind as `bare_store` that holds the catalogue."""
    name = "sqlite_template" if bare_store.sqlite else "postgres_template"
    template = request.getfixturevalue(name)
    whole = Store(
        f"sqlite:///{template}"
        if bare_store.sqlite
        else bare_store.engine.url.set(database=template).render_as_string(hide_password=False)
    )
    backup(whole, path, city=CITY, now=NOW)
    whole.dispose()


def test_into_a_store_without_a_table(bare_store, tmp_path, request):
    path = tmp_path / name_at(NOW)
    template_backed_up(bare_store, path, request)
    assert restore(bare_store, path, city=CITY, now=LATER).kept is None
    assert count(bare_store, m.area) > 0


def test_another_programs_database_is_left_alone(bare_store, tmp_path, request):
    path = tmp_path / name_at(NOW)
    template_backed_up(bare_store, path, request)
    with bare_store.write() as conn:
        conn.exec_driver_sql("create table theirs (x integer)")
    with pytest.raises(OpsError, match="another program"):
        restore(bare_store, path, city=CITY, now=LATER, force=True)


def test_only_the_newest_are_kept(tmp_path):
    names = [name_at(NOW + timedelta(hours=n)) for n in range(5)]
    for name in (*names, "notes.txt", "zhizhi-before-20260101T000000Z.backup"):
        (tmp_path / name).write_text("x")
    old = tmp_path / ".zhizhi-20260101T000000Z.backup.1.part"
    old.write_text("x")
    assert let_go(tmp_path, 0) == []
    assert [p.name for p in let_go(tmp_path, 2)] == names[:3]
    assert old.exists(), "a draft of today may still be written"
    let_go(tmp_path, 2, clock=lambda: old.stat().st_mtime + 90000)
    left = sorted(p.name for p in tmp_path.iterdir())
    assert left == sorted([*names[3:], "notes.txt", "zhizhi-before-20260101T000000Z.backup"])
