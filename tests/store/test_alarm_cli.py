"""Alarm rules from a shell."""

from __future__ import annotations

import json

import pytest
import yaml
from click.testing import CliRunner

from data.catalogue import catalogue
from data.cli import main
from tests.store.support import sqlite_only

pytestmark = sqlite_only


@pytest.fixture
def shell(store, fresh_settings):
    fresh_settings.setenv("DATABASE_URL", store.url)

    def run(*words, code=0):
        done = CliRunner().invoke(main, ["alarms", *words])
        assert done.exit_code == code, done.output
        return done.output

    return run


def entry(code="bus_late", **condition):
    told = catalogue().alarms[code].model_dump(mode="json", exclude_none=True)
    return told | {"condition": told["condition"] | condition}


def test_every_rule_is_listed(shell):
    rows = json.loads(shell("list", "--json"))["rules"]
    assert {r["code"] for r in rows} == set(catalogue().alarms)
    assert {r["state"] for r in rows} == {"on"}
    assert "bus_late" in shell("list")


def test_a_file_is_checked_rule_by_rule(shell, tmp_path):
    file = tmp_path / "rules.yaml"
    file.write_text(yaml.safe_dump([entry(), entry("beds_full", limit=500)]), "utf-8")
    said = shell("check", str(file), code=2)
    assert "beds_full: condition.limit: 500 can never be reached; HE-05 can be 0 to 100" in said
    assert "1 of 2 rules are right" in said
    file.write_text(yaml.safe_dump([entry()]), "utf-8")
    assert "1 of 1 rules are right" in shell("check", str(file))
    file.write_text("{", "utf-8")
    assert "is no YAML" in shell("check", str(file), code=2)


def test_a_dry_run_says_how_often_and_what_it_cannot_answer(shell, tmp_path):
    told = json.loads(shell("dry-run", "bus_late", "--days", "30", "--json"))
    assert (told["n"], told["occurrences"]) == (0, [])
    assert any("whole hours" in note for note in told["notes"])
    assert "in the last 90 days it would have fired 0 times" in shell("dry-run", "bus_late")
    file = tmp_path / "draft.yaml"
    file.write_text(yaml.safe_dump(entry(limit=60)), "utf-8")
    assert json.loads(shell("dry-run", "bus_late", "--file", str(file), "--json"))["n"] == 0
    file.write_text(yaml.safe_dump(entry(limit=200, clear=None)), "utf-8")
    said = shell("dry-run", "bus_late", "--file", str(file), code=2)
    assert "200 always holds" in said


def test_a_rule_that_is_not_there_is_answered_with_the_nearest(shell):
    assert "no such rule: bus_lat; nearest: bus_late" in shell("dry-run", "bus_lat", code=2)
    assert "0" in shell("dry-run", "bus_late", "--days", "0", code=2)
