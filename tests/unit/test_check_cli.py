import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from data.cli import main
from tests.shared_samples import payload, sample
from tests.unit.test_cap import INFO, alert


@pytest.fixture
def check(tmp_path):
    """Run `check` with files given as name=bytes; return (exit code, stdout, stderr)."""

    def run(*args, **files):
        for name, content in files.items():
            (tmp_path / name).write_bytes(content)
        words = [str(tmp_path / a[1:]) if a.startswith("@") else a for a in args]
        result = CliRunner().invoke(main, ["check", *words])
        assert result.exception is None or isinstance(result.exception, SystemExit)
        return result.exit_code, result.stdout, result.stderr

    return run


def test_one_object_a_file_on_a_line_of_its_own(check):
    files = {"a": alert(INFO).encode(), "b": alert(INFO, scope=None).encode()}
    code, out, err = check("cap", "--json", "@a", "@b", **files)
    first, second = map(json.loads, out.splitlines())
    assert (code, err) == (0, "")
    assert set(first) == {
        "connector",
        "file",
        "records",
        "accepted",
        "quarantined",
        "reasons",
        "summary",
    }
    assert (first["connector"], first["records"], first["accepted"]) == ("cap", 1, 1)
    assert (second["records"], second["quarantined"]) == (1, 1)
    assert second["reasons"] == {"no_scope": 1}
    assert "暴雨" in out


def test_a_file_of_the_wrong_kind_costs_one_line_and_exit_2(check):
    files = {"good": alert(INFO).encode(), "bad": b"<rss/>"}
    code, out, err = check("cap", "--json", "@bad", "@missing", "@good", **files)
    assert code == 2
    assert len(out.splitlines()) == 1
    first, second = err.splitlines()
    assert first.startswith("check: ")
    assert "bad: not CAP" in first
    assert second.endswith("missing: cannot be read: no such file or directory")


def test_a_file_that_is_too_big_is_not_even_read(check):
    code, _, err = check("cap", "@big", "--max-mb", "0.001", big=alert(INFO).encode() * 9)
    assert (code, len(err.splitlines())) == (2, 1)
    assert "more than the 0.0 MB allowed" in err


def test_a_person_sees_each_problem(check):
    code, out, _ = check("open311", "@a", a=payload("open311_bad_rows.json"))
    assert code == 0
    assert "8 read, 2 accepted, 6 refused, 2 warnings" in out
    assert "request 3" in out
    assert "bad_status" in out
    assert "a request is open or closed (maybe)" in out


def test_only_the_first_fifty_problems_are_listed(check):
    many = ("<l>" + alert(scope=None) * 60 + "</l>").encode()
    _, out, _ = check("cap", "@a", a=many)
    assert len(out.splitlines()) == 52
    assert out.splitlines()[-1].strip() == "and 10 more"


def test_zone_and_timetable_reach_the_parser(check):
    local = alert(INFO, sent="2026-06-08T06:10:00").encode()
    assert "no_time_zone" in check("cap", "@a", a=local)[1]
    assert "1 accepted" in check("cap", "@a", "--tz", "Asia/Shanghai", a=local)[1]
    code, _, err = check("gtfs-rt", "@a", "--static", "@none", a=b"x")
    assert (code, len(err.splitlines())) == (2, 1)
    assert err.startswith("check: ")


@pytest.mark.parametrize(
    "args",
    [
        ("nonsense", "@a"),
        ("gtfs", "@a", "--date", "tomorrow"),
        ("gtfs", "@a", "--date", "2026-02-30"),
        ("cap", "@a", "--tz", "Mars/Olympus"),
        ("cap",),
    ],
)
def test_a_wrong_call_is_refused(check, args):
    assert check(*args, a=b"x")[0] == 2


def test_the_trips_of_a_day_are_counted(check):
    file = str(sample("gtfs/sample_gtfs.zip"))
    _, out, _ = check("gtfs", "--json", "--date", "2007-06-09", file)
    assert json.loads(out)["summary"]["trips_on"] == 11


def test_the_shell_command_starts_and_speaks_utf8_anywhere(tmp_path):
    (tmp_path / "a").write_bytes(alert(INFO).encode())
    run = subprocess.run(
        [sys.executable, "-m", "data", "check", "cap", "--json", str(tmp_path / "a")],
        capture_output=True,
        env={"PYTHONIOENCODING": "ascii"},
        timeout=60,
    )
    assert (run.returncode, run.stderr) == (0, b"")
    assert "暴雨" in run.stdout.decode("utf-8")


COUNTIES = "县区,月份,办结,怪列\n源城区,2026-03,10,1\n紫金县,2026-03,20,2\n".encode()
MAPPING = """
layout: indicators
area: {column: 县区}
period: {column: 月份}
values:
- {column: 办结, indicator: %s}
- {column: 怪列, indicator: %s}
"""


def test_a_mapping_with_an_open_question_is_no_mapping_yet(check):
    """What the table holds is shown all the same: it is what the question is about."""
    mapping = (MAPPING % ("GS-29", "TO-DECIDE")).encode()
    code, out, err = check(
        "table", "@t", "--mapping", "@m.yaml", **{"t": COUNTIES, "m.yaml": mapping}
    )
    assert code == 2
    assert "2 read" in out
    assert "TO-DECIDE stands at values[2].indicator (怪列)" in err
    assert "办结" not in err


def test_a_word_that_is_still_to_be_translated_is_an_open_question(check):
    mapping = (
        b"layout: long\nindicator: {column: a, codes: {x: GS-29, y: TO-DECIDE}}\n"
        b"area: {code: '441600'}\nperiod: {value: '2026'}\nnumber: {column: n}\n"
    )
    code, _, err = check(
        "table", "@t", "--mapping", "@m.yaml", **{"t": b"a,n\nx,1\ny,2\n", "m.yaml": mapping}
    )
    assert code == 2
    assert "indicator.codes.y (a)" in err


def test_a_mapping_to_names_that_are_not_there_says_which_are_near(check):
    mapping = (MAPPING % ("GS-29", "GS-299")).encode()
    code, _, err = check(
        "table", "@t", "--mapping", "@m.yaml", **{"t": COUNTIES, "m.yaml": mapping}
    )
    assert code == 2
    assert "no such indicator: GS-299; nearest: " in err
    assert "GS-29" in err


def test_a_finished_mapping_is_accepted(check):
    mapping = (MAPPING % ("GS-29", "GS-30")).encode()
    code, out, err = check(
        "table", "@t", "--mapping", "@m.yaml", **{"t": COUNTIES, "m.yaml": mapping}
    )
    assert (code, err) == (0, "")
    assert "2 accepted" in out
