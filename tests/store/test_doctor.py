"""`python -m data doctor`: what is wrong is named in words, and the exit code says how bad."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from data import panels
from data.catalogue import catalogue
from data.cli import main
from data.collector.lease import Lease
from data.ingest.ledger import note_heard
from data.ops import doctor, doctor_machine
from data.ops.findings import BAD, OK, WARN, Finding
from data.queries.keys import read_keys
from data.settings import Settings, settings
from data.store import utc_now
from tests.conftest import NOW


def looked(store, *, now=NOW, stopped=False, **switches):
    found = doctor.store(store, Settings(**switches), catalogue(), now=now, stopped=stopped)
    return {f.name: f for f in found}


def alive(store):
    facts = catalogue()
    Lease(store, "collector", seconds=15).hold(NOW)
    with store.write() as conn:
        keys = read_keys(conn)
        for source in facts.sources.values():
            note_heard(conn, keys, source, now=NOW, new=True)
        panels.publish_all(conn, facts, NOW)


def test_a_store_that_lives_is_well(store):
    alive(store)
    found = looked(store)
    assert {f.level for f in found.values()} == {OK}, found
    assert set(found) == {"store", "schema", "clock", "collector", "panels", "sources"}
    assert "0 s ago" in found["collector"].words


def test_what_fell_silent_is_named(store):
    alive(store)
    found = looked(store, now=NOW + timedelta(hours=3))
    assert found["collector"].level is BAD
    assert "last heard 3 h ago" in found["collector"].words
    assert found["panels"].level is BAD
    assert found["sources"].level is WARN
    assert "silent" in found["sources"].words


def test_a_system_that_is_meant_to_be_stopped(store):
    alive(store)
    assert "still leads" in looked(store, stopped=True)["collector"].words
    later = looked(store, now=NOW + timedelta(hours=3), stopped=True)
    assert {f.level for f in later.values()} == {OK}
    assert "sources" not in later


def test_a_clock_that_is_behind_is_bad(store):
    alive(store)
    found = looked(store, now=NOW - timedelta(minutes=2))
    assert found["clock"].level is BAD
    assert "120 s ahead" in found["clock"].words


def test_a_store_without_tables(bare_store):
    found = looked(bare_store)
    assert found["schema"].level is BAD
    assert "migrate" in found["schema"].words


def test_a_store_that_is_not_there_shows_no_password(fresh_settings):
    from data.store import Store

    gone = Store("postgresql://u:geheim99@127.0.0.1:1/x")
    (found,) = doctor.store(gone, Settings(), catalogue(), now=NOW, stopped=False)
    assert (found.name, found.level) == ("store", BAD)
    assert "geheim99" not in found.words
    gone.dispose()


@pytest.mark.parametrize(
    ("given", "level", "words"),
    [
        ({}, OK, "all known"),
        ({"secret_key": "short"}, BAD, "SECRET_KEY needs"),
        ({"metrics_token": "short"}, BAD, "METRICS_TOKEN needs"),
        ({"host": "0.0.0.0"}, WARN, "HTTPS"),
        ({"host": "0.0.0.0", "https": True}, OK, "all known"),
        ({"log_level": "LOUD"}, BAD, "LOG_LEVEL"),
    ],
)
def test_switches(given, level, words):
    (found,) = doctor_machine.switches(Settings(**given), {}, frozenset())
    assert found.level is level
    assert words in found.words


def test_a_misspelled_switch_is_named_with_the_one_that_was_meant():
    environ = {"ZHIZHI_ALOWED_HOSTS": "x", "ZHIZHI_OPENAQ_URL": "y", "HOME": "/"}
    (found,) = doctor_machine.switches(Settings(), environ, frozenset({"ZHIZHI_OPENAQ_URL"}))
    assert found.level is WARN
    assert "ZHIZHI_ALLOWED_HOSTS" in found.words
    everything = doctor.machine(Settings(), {"ZHIZHI_OPENAQ_URL": "y"}, catalogue())
    assert next(f for f in everything if f.name == "settings").level is OK


def test_libraries_are_compared_with_the_pins(tmp_path):
    pins = tmp_path / "requirements.txt"
    pins.write_text("# why\nnone-such==1.0\nclick==0.1\npsycopg[binary]==0.2\n")
    missing, other = doctor_machine.libraries(pins)
    assert (missing.level, "none-such" in missing.words) == (BAD, True)
    assert (other.level, "click" in other.words, "psycopg" in other.words) == (WARN, True, True)
    (well,) = doctor_machine.libraries()
    assert well.level is OK


def test_a_key_that_others_may_read_is_bad(tmp_path):
    config = Settings(var=tmp_path)
    (none,) = doctor_machine.files(config)
    assert none.level is OK
    key = tmp_path / "secret.key"
    key.write_text("x" * 40)
    key.chmod(0o644)
    (found,) = doctor_machine.files(config)
    assert (found.level, "644" in found.words) == (BAD, True)
    key.chmod(0o600)
    (found,) = doctor_machine.files(config)
    assert found.level is OK
    tmp_path.chmod(0o777)
    assert {f.level for f in doctor_machine.files(config)} == {OK, BAD}


def test_old_and_missing_backups(tmp_path):
    config = Settings(var=tmp_path)
    (found,) = doctor_machine.backups(config)
    assert found.level is WARN
    (found,) = doctor_machine.backups(Settings(var=tmp_path, demo=True))
    assert found.level is OK
    (tmp_path / "backups").mkdir()
    made = tmp_path / "backups" / "zhizhi-20261101T000000Z.backup"
    made.write_text("x")
    (found,) = doctor_machine.backups(config)
    assert found.level is OK
    import os

    os.utime(made, (1, 1))
    (found,) = doctor_machine.backups(config)
    assert found.level is WARN


def test_a_full_disk_and_missing_fonts(monkeypatch, tmp_path):
    for free, level in ((50, OK), (9, WARN), (1, BAD)):
        monkeypatch.setattr(doctor_machine, "disk_of", lambda _var, free=free: (free, 100))
        (found,) = doctor_machine.disk(Settings())
        assert found.level is level
    (found,) = doctor_machine.fonts(tmp_path)
    assert found.level is BAD
    (tmp_path / "fonts.css").write_text("@font-face{src:url(a.woff2)}")
    (found,) = doctor_machine.fonts(tmp_path)
    assert "a.woff2" in found.words


def test_the_next_years_calendar_is_wanted_in_december_only():
    facts = catalogue()
    for month, level in ((11, OK), (12, WARN)):
        found = doctor.calendar(facts, now=datetime(2026, month, 5, tzinfo=UTC))
        assert [f.level for f in found] == [OK, level]
    assert doctor.calendar(facts, now=datetime(2031, 1, 5, tzinfo=UTC))[0].level is BAD


def test_a_look_that_fails_is_a_finding_and_the_others_go_on(monkeypatch):
    monkeypatch.setattr(doctor_machine, "disk_of", lambda _var: 1 / 0)
    found = {f.name: f for f in doctor.machine(Settings(), {}, None)}
    assert found["disk"].level is BAD
    assert "ZeroDivisionError" in found["disk"].words
    assert found["fonts"].level is OK


def test_the_worst_makes_the_exit_code():
    assert doctor.exit_code([]) == 0
    assert doctor.exit_code([Finding("a", OK, ""), Finding("b", WARN, "")]) == 1
    assert doctor.exit_code([Finding("a", BAD, ""), Finding("b", WARN, "")]) == 2


def test_from_the_shell(store, fresh_settings, tmp_path):
    fresh_settings.setenv("DATABASE_URL", store.engine.url.render_as_string(hide_password=False))
    fresh_settings.setenv("ZHIZHI_VAR", str(tmp_path / "var"))
    settings.cache_clear()
    answer = CliRunner().invoke(main, ["doctor", "--json"])
    told = json.loads(answer.output)
    levels = {f["name"]: f["level"] for f in told["findings"]}
    assert levels["schema"] == "ok"
    assert levels["collector"] == "bad"
    assert answer.exit_code == told["exit"] == 2
    answer = CliRunner().invoke(main, ["doctor", "--stopped"])
    assert answer.exit_code in (0, 1), answer.output
    assert len(answer.output.splitlines()) < 30, "one screen"
    fresh_settings.setenv("ZHIZHI_SESSION_HOURS", "99")
    settings.cache_clear()
    answer = CliRunner().invoke(main, ["doctor"])
    assert answer.exit_code == 2
    assert "SESSION_HOURS" in answer.output
    assert utc_now() > NOW
