"""What a steward asks from a shell: figures, findings, replays."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from click.testing import CliRunner

from data import models as m
from data.cli import main
from data.store import utc_now
from tests.store.payloads import request, requests
from tests.store.support import count, rows_of, take


@pytest.fixture
def ask(store, monkeypatch):
    for module in ("quality", "replay", "token"):
        monkeypatch.setattr(f"data.cli.{module}.open_store", lambda: store)

    def run(*words):
        return CliRunner().invoke(main, [str(w) for w in words])

    return run


def refused(store):
    """A file of now whose second row is refused; return the run."""
    at = utc_now() - timedelta(minutes=5)
    rows = request("1", at=at), request("2", at=at, code="999")
    return take(store, "yuepingan", requests(*rows), now=utc_now()).run_id


def test_the_figures_and_findings_are_printed(store, ask):
    refused(store)
    done = ask("quality", "--look")
    assert done.exit_code == 0, done.output
    assert "yuepingan" in done.output
    assert "never" in done.output


def test_the_same_as_json(store, ask):
    refused(store)
    ask("quality", "--look")
    done = ask("quality", "--json", "--source", "yuepingan", "--weeks", "12")
    report = json.loads(done.stdout)
    assert {u["source"] for u in report["units"]} == {"yuepingan"}
    assert len(report["units"][0]["buckets"]) == 12
    assert report["units"][0]["total"]["refused"] == 1


def test_a_source_that_is_not_there_is_named_with_those_that_are(ask):
    done = ask("quality", "--source", "nobody")
    assert done.exit_code == 2
    assert "known: " in done.output
    assert "hotline" in done.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("quality", "--source", "hotlin"), "no such source: hotlin; nearest: hotline"),
        (("quality", "--run", 99), "there is no run 99"),
        (("token", "create", "service_hall"), "nearest: service_halls"),
        (("token", "revoke", 99), "there is no valid token 99"),
        (("ingest", "tabel", __file__), "no such connector: tabel; nearest: table"),
        (("ingest", "cap", __file__, "--source", "warning"), "nearest: warnings"),
        (("ingest", "table", __file__, "--mapping", "county_montly"), "nearest: county_monthly"),
        (("ingset",), "no such command: ingset; nearest: ingest"),
    ],
)
def test_a_wrong_name_is_answered_with_the_nearest(ask, words, said):
    done = ask(*words)
    assert done.exit_code == 2
    assert said in done.output
    assert "Traceback" not in done.output


def test_a_row_is_put_right_from_the_shell(store, ask):
    run = refused(store)
    words = (
        "replay",
        run,
        "--row",
        2,
        "--set",
        "service_code=110-02",
        "--by",
        "王科",
        "--why",
        "编码",
    )
    dry = ask(*words, "--dry-run")
    assert "nothing was changed" in dry.output
    assert count(store, m.cases) == 1
    done = ask(*words)
    assert done.exit_code == 0, done.output
    assert "1 are taken, 0 still refused" in done.output
    assert count(store, m.cases) == 2
    assert [c.made_by for c in rows_of(store, m.correction)] == ["王科"]


def test_each_refused_row_says_what_became_of_it(store, ask):
    run = refused(store)
    assert "[open]" in ask("quality", "--run", run).output
    ask("replay", run)
    assert "[refused again by run 2]" in ask("quality", "--run", run).output
    ask("replay", run, "--row", 2, "--set", "service_code=110-02", "--by", "王科", "--why", "编码")
    said = ask("quality", "--run", run).output
    assert "[taken by run 3]" in said
    assert "service_code: 999 -> 110-02 (王科, 编码)" in said
    (row,) = json.loads(ask("quality", "--run", run, "--json").stdout)
    assert (row["resolved_by"], row["tried_by"], row["refused"]) == (3, 2, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--row", 2), "belong together"),
        (("--set", "a=b"), "belong together"),
        (("--row", 2, "--set", "a=b"), "--by NAME"),
        (("--row", 2, "--set", "a=b", "--by", "x", "--why", " "), "--by NAME"),
        (("--row", 2, "--set", "ab", "--by", "x", "--why", "y"), "FIELD=VALUE"),
    ],
)
def test_half_a_correction_is_refused(store, ask, words, said):
    done = ask("replay", refused(store), *words)
    assert done.exit_code == 2
    assert said in done.output
    assert count(store, m.correction) == 0


def test_a_run_that_cannot_be_replayed_is_one_line(store, ask):
    done = ask("replay", 99)
    assert done.exit_code == 2
    assert done.output.strip() == "Error: there is no run 99"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("sqlite:///{}/new.sqlite", "`python -m data migrate` makes the tables"),
        ("postgresql://127.0.0.1:1/nothing", "the store cannot be used: "),
        ("nonsense", "DATABASE_URL is no address of a database"),
    ],
)
def test_a_store_that_cannot_be_used_is_one_line(fresh_settings, tmp_path, url, said):
    fresh_settings.setenv("DATABASE_URL", url.format(tmp_path))
    done = CliRunner().invoke(main, ["token", "list"])
    assert done.exit_code == 2
    assert said in done.output
    assert done.output.count("\n") == 1


def test_a_table_given_with_a_mapping_of_its_own_is_replayed_with_it(
    store, ask, monkeypatch, tmp_path
):
    monkeypatch.setattr("data.cli.ingest.open_store", lambda: store)
    file, mapping = tmp_path / "t.csv", tmp_path / "own.yaml"
    file.write_text("where,when,n\n源城区,2026-04,5\n紫金城,2026-04,6\n", encoding="utf-8")
    told = "layout: indicators\narea: {{column: where{}}}\nperiod: {{column: when}}\n"
    told += "values: [{{column: n, indicator: GS-63}}]\n"
    mapping.write_text(told.format(""), encoding="utf-8")
    words = ("--mapping", mapping)
    stored = ask("ingest", "table", file, "--source", "county_monthly", "--json", *words)
    run = json.loads(stored.stdout)
    assert (run["new"], run["quarantined"]) == (1, 1)
    assert ask("replay", run["run"]).exit_code == 2
    mapping.write_text(told.format(', names: {紫金城: "441621"}'), encoding="utf-8")
    done = ask("replay", run["run"], *words)
    assert (done.exit_code, "1 new" in done.output) == (0, True)
