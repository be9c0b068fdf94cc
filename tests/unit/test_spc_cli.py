import json
import math
from itertools import pairwise

import pytest
from click.testing import CliRunner

from data.cli import main
from tests.shared_samples import sample
from tests.spc_samples import COSTS, ORDERS, column, reference

COST_CSV = "week,cost\n" + "".join(f"{at},{cost}\n" for at, cost in enumerate(COSTS, 1))
ORDER_CSV = "week,wrong,all\n" + "".join(f"{i},{d},{n}\n" for i, (d, n) in enumerate(ORDERS, 1))
MONTHS = [f"{year}-{month:02}" for year in (2024, 2025) for month in range(1, 13)]
STEP = [5, 7, 6, 8] * 3 + [55, 57, 56, 58] * 3
STEP_CSV = "月份,件数\n" + "".join(f"{m},{v}\n" for m, v in zip(MONTHS, STEP, strict=True))


@pytest.fixture
def spc(tmp_path):
    """Run `spc` over a table given as text or bytes; return (exit code, stdout, stderr)."""

    def run(table, *args):
        path = tmp_path / "table.csv"
        path.write_bytes(table if isinstance(table, bytes) else table.encode())
        result = CliRunner().invoke(main, ["spc", str(path), *args])
        assert result.exception is None or isinstance(result.exception, SystemExit)
        return result.exit_code, result.stdout, result.stderr

    return run


@pytest.fixture
def told(spc):
    """Return what `spc --json` prints of a table."""

    def run(table, *args):
        code, out, err = spc(table, *args, "--json")
        assert (code, err) == (0, "")
        return json.loads(out)

    return run


@pytest.fixture
def refused(spc):
    """Return the one line that says why a table is refused."""

    def run(table, *args):
        code, out, err = spc(table, *args)
        assert (code, out) == (2, "")
        assert "Traceback" not in err
        return err.strip().splitlines()[-1]

    return run


def test_json_has_segments_and_points(told):
    found = told(COST_CSV, "--value", "cost", "--date", "week", "--baseline", "20")
    assert (found["chart"], found["n"]) == ("xmr", 40)
    (segment,) = found["segments"]
    assert (segment["start"], segment["end"], segment["centre"]) == ("1", "40", 300.5)
    moves = [abs(b - a) for a, b in pairwise(COSTS[:20])]
    assert segment["upper"] == pytest.approx(300.5 + 2.66 * sum(moves) / 19, abs=1e-9)
    assert segment["range_upper"] == pytest.approx(3.267 * sum(moves) / 19)
    point = found["points"][38]
    assert point["x"] == "39"
    assert (point["value"], point["signal"], point["rules"]) == (333.0, "neutral", ["outside"])
    assert found["points"][0]["signal"] == "common"
    assert found["warnings"] == []


def test_shewhart_limits_are_asked_for(told):
    found = told(COST_CSV, "--value", "cost", "--baseline", "20", "--limits", "shewhart")
    assert found["segments"][0]["lower"] == pytest.approx(279.78331466965284, abs=1e-9)
    assert [p["x"] for p in found["points"] if "outside" in p["rules"]] == [39, 40]


def test_shares_have_limits_of_their_own(told):
    args = ("--numerator", "wrong", "--denominator", "all", "--chart", "p")
    found = told(ORDER_CSV, *args)
    assert found["points"][0]["upper"] == pytest.approx(0.18368571343549223, abs=1e-9)
    assert found["points"][1]["lower"] == 0.0
    assert found["segments"][0]["upper"] is None
    assert found["segments"][0]["centre"] == pytest.approx(234 / 2450)
    assert told(ORDER_CSV, "--value", "wrong", *args)["points"] == found["points"]


def test_a_rebase_begins_a_segment(told):
    args = ("--value", "件数", "--date", "月份", "--direction", "lower")
    one = told(STEP_CSV, *args)
    assert {p["signal"] for p in one["points"]} == {"improvement", "concern"}
    for day in ("2025-01", "2025-01-01", "2024-12-15", "2025年1月"):
        two = told(STEP_CSV, *args, "--rebase", day)
        assert [(s["start"], s["end"]) for s in two["segments"]] == [
            ("2024-01", "2024-12"),
            ("2025-01", "2025-12"),
        ]
        assert {p["signal"] for p in two["points"]} == {"common"}
    three = told(STEP_CSV, *args, "--rebase", "2025-01", "--rebase", "2024-07")
    assert [s["points"] for s in three["segments"]] == [6, 6, 12]
    assert "limits of 6 points are not to be trusted" in three["warnings"][0]


@pytest.mark.parametrize("codec", ["utf-8-sig", "gb18030", "utf-16"])
def test_any_encoding_and_tabs(told, codec):
    table = STEP_CSV.replace(",", "\t").encode(codec)
    assert told(table, "--value", "件数", "--date", "月份")["n"] == 24


def test_rows_are_put_in_the_order_of_their_dates(told):
    head, *rows = STEP_CSV.splitlines()
    turned = "\n".join([head, *rows[::-1]])
    found = told(turned, "--value", "件数", "--date", "月份")
    assert found["points"] == told(STEP_CSV, "--value", "件数", "--date", "月份")["points"]
    assert found["warnings"] == ["the rows were put in the order of 月份"]


def test_missing_values_are_told_and_never_nought(told):
    table = COST_CSV.replace("\n7,294\n", "\n7,\n").replace("\n9,308\n", "\n9,NA\n")
    found = told(table, "--value", "cost")
    assert found["points"][6]["value"] is None
    assert found["points"][6]["upper"] == found["segments"][0]["upper"]
    assert found["segments"][0]["points"] == 38
    assert found["warnings"] == ["values that are missing: 2; runs end there (rows 8, 10)"]


def test_nothing_to_divide_by_is_told(told):
    table = ORDER_CSV.replace("\n3,6,80\n", "\n3,0,0\n")
    found = told(table, "--numerator", "wrong", "--denominator", "all", "--chart", "pprime")
    assert found["points"][2] | {"x": 3} == {
        "x": 3,
        "value": None,
        "centre": found["segments"][0]["centre"],
        "lower": None,
        "upper": None,
        "signal": "common",
        "rules": [],
        "label": "Common Cause",
    }
    assert found["warnings"][0] == "column all: nothing to divide by, so no point (rows 4)"


def test_few_or_equal_points_say_what_cannot_be_concluded(told):
    few = told("v\n" + "1\n2\n4\n" * 3, "--value", "v")
    assert few["segments"][0]["upper"] > 4
    assert "limits of 9 points are not to be trusted; 12 are the least" in few["warnings"][0]
    equal = told("v\n" + "3\n" * 20, "--value", "v")
    assert equal["segments"][0]["upper"] is None
    assert "all values are equal" in equal["warnings"][0]
    one = told("v\n3\n", "--value", "v")
    assert "1 points give no limits" in one["warnings"][0]


def test_words_for_people(spc):
    code, out, _ = spc(STEP_CSV, "--value", "件数", "--date", "月份", "--rebase", "2025-01")
    assert code == 0
    assert "2024-01 to 2024-12: centre 6.5, limits" in out
    assert "2025-12" in out.splitlines()[-1]
    code, out, _ = spc(ORDER_CSV, "--numerator", "wrong", "--denominator", "all", "--chart", "u")
    assert "limits by the denominator of each point" in out


@pytest.mark.parametrize(
    ("table", "args", "words"),
    [
        (COST_CSV, ["--value", "costs"], "no such column: costs; nearest: cost"),
        (COST_CSV, [], "name the column of the values by --value"),
        ("v\n1\nmany\n", ["--value", "v"], "row 3, column v: 'many' is no number"),
        ("v\n1\n-2\n", ["--value", "v", "--chart", "c"], "row 3, column v: -2 is no count"),
        ("v\n1\n0\n", ["--value", "v", "--chart", "t"], "row 3, column v: 0 is no time between"),
        (
            "a,b\n1,2\n3,2\n",
            ["--numerator", "a", "--denominator", "b", "--chart", "p"],
            "row 3, column a: 3 is more than b, 2",
        ),
        (
            "a,b\n1,2\n3,-2\n",
            ["--numerator", "a", "--denominator", "b", "--chart", "u"],
            "row 3, column b: -2 is no denominator",
        ),
        (COST_CSV, ["--value", "cost", "--chart", "p"], "needs --numerator and --denominator"),
        (COST_CSV, ["--numerator", "cost"], "--numerator and --denominator go together"),
        (
            ORDER_CSV,
            ["--numerator", "wrong", "--denominator", "all", "--chart", "c"],
            "--chart c has no denominator",
        ),
        (COST_CSV, ["--value", "cost", "--rebase", "3"], "name its column by --date"),
        (COST_CSV, ["--value", "cost", "--baseline", "41"], "there are only 40 points"),
        (
            STEP_CSV,
            ["--value", "件数", "--date", "月份", "--rebase", "2026-01"],
            "--rebase 2026-01: the last point is 2025-12",
        ),
        (
            STEP_CSV,
            ["--value", "件数", "--date", "月份", "--rebase", "soon"],
            "'soon' is no date as in column 月份",
        ),
        ("d,v\n2024-01,1\n,2\n", ["--value", "v", "--date", "d"], "row 3, column d: there is no"),
        ("d,v\n2024-01,1\nx,2\n", ["--value", "v", "--date", "d"], "row 3, column d: 'x' is no"),
        (
            "d,v\n2024-01,1\n2024-01-01,2\n",
            ["--value", "v", "--date", "d"],
            "rows 2 and 3 are both of 2024-01-01",
        ),
        ("v\n", ["--value", "v"], "no row of data under the header in row 1"),
        ("", ["--value", "v"], "the file is empty"),
        ("d,v\n1,1\n2,1,234\n", ["--value", "v"], "row 3: 3 cells, the header has 2"),
        ("v,v\n1,1\n", ["--value", "v"], "row 1: the column v is there 2 times"),
        ("v\n1\n1e308\n", ["--value", "v"], "row 3, column v: 1e+308 is too large"),
        ("v\n1\n1e999\n", ["--value", "v"], "row 3, column v: '1e999' is no number"),
    ],
)
def test_what_cannot_be_is_one_line(refused, table, args, words):
    assert words in refused(table, *args)


def test_a_file_that_is_not_there(tmp_path):
    result = CliRunner().invoke(main, ["spc", str(tmp_path / "no.csv"), "--value", "v"])
    assert result.exit_code == 2
    assert "No such file" in result.stderr


def test_names_that_are_no_dates_keep_the_order_of_the_file(told, refused):
    table = "who,v\n" + "".join(f"round {c},{i % 5}\n" for i, c in enumerate("mlkjihgfedcba"))
    args = ("--value", "v", "--date", "who")
    assert told(table, *args)["points"][0]["x"] == "round m"
    assert told(table, *args, "--rebase", "round f")["segments"][1]["start"] == "round f"
    assert "no such who: round z" in refused(table, *args, "--rebase", "round z")


@pytest.mark.parametrize(
    ("name", "args", "columns"),
    [
        (
            "ptd_england_4h_performance_target95",
            ["--value", "y", "--direction", "higher"],
            ("y", "mean_col", "lpl", "upl"),
        ),
        (
            "qic_montgomery_tbl7.4_p",
            ["--value", "y", "--numerator", "y.sum", "--denominator", "n", "--chart", "p"],
            ("y", "cl", "lcl", "ucl"),
        ),
        (
            "qic_england_attendances_i",
            ["--value", "y", "--limits", "shewhart"],
            ("y", "cl", "lcl", "ucl"),
        ),
    ],
)
def test_the_references_through_the_command(name, args, columns):
    rows = reference(name)
    path = str(sample(f"spc/{name}.csv"))
    result = CliRunner().invoke(main, ["spc", path, "--date", "x", *args, "--json"])
    points = json.loads(result.stdout)["points"]
    for key, theirs in zip(("value", "centre", "lower", "upper"), columns, strict=True):
        ours = [math.nan if p[key] is None else p[key] for p in points]
        assert ours == pytest.approx(column(rows, theirs).tolist(), abs=1e-6, nan_ok=True)
    assert [p["x"] for p in points] == [r["x"] for r in rows]
    if "special_cause_type" in rows[0]:
        assert [p["label"] for p in points] == [r["special_cause_type"] for r in rows]
