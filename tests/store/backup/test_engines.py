"""Backups by what each database brings along, and from the shell."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from data import models as m
from data.cli import main
from data.ops import OpsError, archive, copy_postgres
from data.ops.backup import backup, name_at
from data.ops.restore import restore, verify
from data.store import Store
from tests.conftest import NOW
from tests.store.backup.backups import rewritten
from tests.store.support import CITY, count, pg_only, sqlite_only

LATER = NOW + timedelta(hours=1)


@sqlite_only
def test_a_damaged_store_is_put_aside(lived, made):
    lived.checkpoint()
    lived.dispose()
    path = Path(str(lived.engine.url.database))
    path.write_bytes(b"not a database at all" + path.read_bytes()[21:])
    with pytest.raises(OpsError, match="--force"):
        restore(lived, made, city=CITY, now=LATER)
    done = restore(lived, made, city=CITY, now=LATER, force=True)
    assert "put aside" in done.word
    assert count(lived, m.cases) == 1
    assert [p for p in path.parent.iterdir() if ".damaged-" in p.name]


@sqlite_only
def test_a_damaged_store_gives_no_backup(lived, tmp_path):
    lived.checkpoint()
    lived.dispose()
    path = Path(str(lived.engine.url.database))
    body = bytearray(path.read_bytes())
    for page in range(20, 60):
        body[page * 4096 : page * 4096 + 200] = b"\xff" * 200
    path.write_bytes(body)
    with pytest.raises(OpsError, match=r"damaged|cannot be copied"):
        backup(lived, tmp_path / "out" / name_at(NOW), city=CITY, now=NOW)
    assert list((tmp_path / "out").iterdir()) == []


@sqlite_only
def test_the_copy_is_a_plain_database(made, lived, tmp_path):
    archive.unpack(made, tmp_path / "copy.sqlite")
    with sqlite3.connect(tmp_path / "copy.sqlite") as conn:
        assert conn.execute("select count(*) from cases").fetchone() == (1,)


@pg_only
def test_missing_and_old_tools_are_named(lived, tmp_path, fresh_settings):
    fresh_settings.setenv("ZHIZHI_PG_BIN", str(tmp_path))
    from data.settings import settings

    settings.cache_clear()
    with pytest.raises(OpsError, match="postgresql-client"):
        backup(lived, tmp_path / name_at(NOW), city=CITY, now=NOW)
    assert not (tmp_path / name_at(NOW)).exists()
    old = tmp_path / "pg_dump"
    old.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6'\n")
    old.chmod(0o755)
    with pytest.raises(OpsError, match=r"only .*\(9\) found"):
        backup(lived, tmp_path / name_at(NOW), city=CITY, now=NOW)


@pg_only
def test_a_dump_that_dies_leaves_nothing(lived, tmp_path, fresh_settings):
    old = tmp_path / "pg_dump"
    old.write_text(
        "#!/bin/sh\n[ \"$1\" = --version ] && echo 'pg_dump (PostgreSQL) 99' && exit\n"
        "echo half a dump\necho 'pg_dump: error: the disk is gone' >&2\nexit 1\n"
    )
    old.chmod(0o755)
    fresh_settings.setenv("ZHIZHI_PG_BIN", str(tmp_path))
    from data.settings import settings

    settings.cache_clear()
    with pytest.raises(OpsError, match="the disk is gone"):
        backup(lived, tmp_path / "out" / name_at(NOW), city=CITY, now=NOW)
    assert list((tmp_path / "out").iterdir()) == []


@pg_only
def test_no_password_is_on_a_command_line_or_left_in_a_file(lived, tmp_path, monkeypatch):
    seen = []
    real = copy_postgres.subprocess.Popen

    def spy(command, **more):
        env = more.get("env")
        if env is None:
            return real(command, **more)  # --version
        seen.append((list(command), dict(env)))
        file = Path(env["PGSERVICEFILE"])
        assert file.stat().st_mode & 0o777 == 0o600
        assert "password=geheim" in file.read_text()
        return real(command, **more)

    url = lived.engine.url.set(username=lived.engine.url.username or "postgres", password="geheim")
    with_password = Store(url.render_as_string(hide_password=False))
    monkeypatch.setattr(copy_postgres.subprocess, "Popen", spy)
    monkeypatch.setenv("DATABASE_URL", url.render_as_string(hide_password=False))
    path = tmp_path / name_at(NOW)
    backup(with_password, path, city=CITY, now=NOW)
    verify(with_password, path)
    with_password.dispose()
    assert len(seen) == 3
    for command, env in seen:
        assert "geheim" not in " ".join(command)
        assert "geheim" not in " ".join(env.values())
        assert not Path(env["PGSERVICEFILE"]).exists()


@pg_only
def test_the_scratch_database_goes_again(lived, made, server):
    verify(lived, made)
    tables = archive.read_manifest(made).tables
    rewritten(made, manifest={"tables": tables | {"cases": 7}})
    with pytest.raises(OpsError):
        verify(lived, made)
    with lived.read() as conn:
        query = "select count(*) from pg_database where datname like 'zhizhi\\_verify%'"
        assert conn.exec_driver_sql(query.replace("%", "%%")).scalar() == 0


@pytest.fixture
def run(lived, fresh_settings, tmp_path):
    fresh_settings.setenv("DATABASE_URL", lived.engine.url.render_as_string(hide_password=False))
    fresh_settings.setenv("ZHIZHI_VAR", str(tmp_path / "var"))
    from data.settings import settings

    settings.cache_clear()

    def run(*words):
        answer = CliRunner().invoke(main, list(words))
        assert answer.exception is None or isinstance(answer.exception, SystemExit), answer
        return answer

    return run


def test_from_the_shell(run, lived, tmp_path):
    answer = run("backup", "--verify", "--keep", "3")
    assert answer.exit_code == 0, answer.output
    (path,) = (tmp_path / "var" / "backups").iterdir()
    assert str(path) in answer.output
    assert "compared: the same" in answer.output
    answer = run("restore", str(path), "--verify")
    assert (answer.exit_code, "can be restored" in answer.output) == (0, True), answer.output
    answer = run("restore", str(path))
    assert answer.exit_code == 2
    assert "--force" in answer.output
    answer = run("restore", str(path), "--force")
    assert answer.exit_code == 0, answer.output
    assert "zhizhi-before-" in answer.output
    path.write_bytes(path.read_bytes()[:500])
    answer = run("restore", str(path), "--verify")
    assert answer.exit_code == 2
    assert len(answer.output.strip().splitlines()) == 1
