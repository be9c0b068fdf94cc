"""A table and its mapping: every layout, every refusal, no number twice and none from nothing."""

import io
from datetime import UTC, datetime

import pandas as pd
import pytest

from data.catalogue import catalogue
from data.catalogue.mapping import Mapping, load_mapping
from data.connectors.connector import Options, PayloadError
from data.tables.connector import parse
from data.tables.stream import read_frames
from tests.table_reading import CITY, VALUES, facts, read, reasons

LONG = {
    "layout": "long",
    "indicator": {"column": "指标", "codes": {"就诊": "HE-23"}},
    "area": {"column": "区县"},
    "period": {"column": "日期"},
    "number": {"column": "数值"},
}


def test_a_row_is_a_fact():
    raw = "指标,区县,日期,数值\n就诊,源城区,2024-03-05,12\n就诊,441621,2024年3月6日,13\n"
    assert facts(raw, **LONG) == [
        ("HE-23", "441602", "2024-03-04", 12, 2),
        ("HE-23", "441621", "2024-03-05", 13, 3),
    ]


def test_a_frame_has_the_columns_and_types_it_promises():
    _, frames = read("指标,区县,日期,数值\n就诊,源城,2024-03-05,12\n", **LONG)
    types = {n: str(t) for n, t in frames[0].values.dtypes.items()}
    assert list(types) == [
        "indicator",
        "area",
        "grain",
        "period_start",
        "numerator",
        "denominator",
        "row",
    ]
    assert types["period_start"] == "datetime64[s, UTC]"
    assert (types["numerator"], types["denominator"], types["row"], types["grain"]) == (
        "float64",
        "float64",
        "int64",
        "int64",
    )
    assert frames[0].values.period_start[0] == datetime(2024, 3, 4, 16, tzinfo=UTC)
    assert frames[0].values.denominator.isna().all()


def test_every_bad_row_says_line_field_value_and_reason():
    raw = (
        "指标,区县,日期,数值\n就诊,源城区,2024-03-05,12\n就诊,北京,2024-03-05,1\n出院,源城区,2024-03-05,1\n"
        "就诊,源城区,2024-02-30,1\n就诊,源城区,2024-03-07,十二\n\n就诊,,2024-03-08,3\n就诊,源城区,,3\n"
    )
    assert reasons(raw, **LONG) == [
        (3, "unknown_area", "区县", "北京"),
        (8, "no_area", "区县", ""),
        (5, "bad_period", "日期", "2024-02-30"),
        (9, "no_period", "日期", ""),
        (4, "unknown_indicator", "指标", "出院"),
        (6, "bad_number", "数值", "十二"),
    ]
    _, frames = read(raw, **LONG)
    assert (frames[0].rows, frames[0].accepted) == (7, 1)


def test_columns_may_be_indicators_with_units_and_shares():
    raw = "县区,月份,人口(万人),床位,使用率(%)\n源城区,2024-03,12.5,200,80\n紫金县,2024-03,3,100,90%\n"
    values = [
        {"column": "人口", "indicator": "P"},
        {"column": "使用率", "indicator": "R", "share": True, "denominator": {"column": "床位"}},
    ]
    _, frames = read(
        raw, layout="indicators", area={"column": "县区"}, period={"column": "月份"}, values=values
    )
    rows = [(v.indicator, v.numerator, v.denominator) for v in frames[0].values.itertuples()]
    assert [r[:2] for r in rows] == [("P", 125000), ("R", 160), ("P", 30000), ("R", 90)]
    assert [r[2] for r in rows if r[0] == "R"] == [200, 100]


def test_columns_may_be_areas():
    raw = "月份,源城区,紫金县,合计\n2024-01,1,2,3\n2024-02,4,5,9\n"
    told = {"layout": "areas", "indicator": {"code": "X"}, "period": {"column": "月份"}}
    assert [(a, n) for _, a, _, n, _ in facts(raw, **told)] == [
        ("441602", 1),
        ("441621", 2),
        ("441602", 4),
        ("441621", 5),
    ]
    assert read(raw, **told)[0].summary["unused_columns"] == ["合计"]


def test_columns_may_be_periods_and_months_take_the_year_of_the_title():
    raw = "2024年各县区就诊人次,,,\n县区,1月,2月,合计\n源城区,1,2,3\n合计,1,2,3\n"
    told = {"layout": "periods", "indicator": {"code": "X"}, "area": {"column": "县区"}}
    assert facts(raw, **told) == [
        ("X", "441602", "2023-12-31", 1, 3),
        ("X", "441602", "2024-01-31", 2, 3),
    ]


def test_a_date_may_stand_in_several_columns():
    raw = "年,月,日,v\n2024年,3,5,1\n2024,3月,6,2\n"
    told = {
        "layout": "indicators",
        "area": CITY,
        "period": {"year": "年", "month": "月", "day": "日"},
        "values": [{"column": "v", "indicator": "X"}],
    }
    assert [d for _, _, d, _, _ in facts(raw, **told)] == ["2024-03-04", "2024-03-05"]


def test_an_empty_cell_means_the_one_above_where_the_mapping_says_so():
    raw = "县区,月份,v\n源城区,2024-01,1\n,2024-02,2\n紫金县,2024-01,3\n"
    told = {
        "layout": "indicators",
        "period": {"column": "月份"},
        "values": [{"column": "v", "indicator": "X"}],
    }
    assert [a for _, a, *_ in facts(raw, area={"column": "县区", "fill": True}, **told)] == [
        "441602",
        "441602",
        "441621",
    ]
    assert [r for _, r, *_ in reasons(raw, area={"column": "县区"}, **told)] == ["no_area"]


@pytest.mark.parametrize(
    "label", ["合计", "总 计", "Total", "全市合计", "小计：", "GRAND TOTAL", "全市"]
)
def test_a_row_that_adds_up_others_is_not_counted_twice(label):
    raw = f"县区,日期,v\n源城区,2024-03-05,1\n紫金县,2024-03-05,2\n{label},2024-03-05,3\n"
    reading, frames = read(raw, area={"column": "县区"}, **VALUES)
    assert frames[0].values.numerator.sum() == 3
    assert reading.summary["total_rows"] == [4]
    assert frames[0].rows == frames[0].accepted == 2


def test_a_total_without_a_word_is_known_by_its_sum():
    raw = "县区,日期,v,w\n,2024-03-05,6,60\n源城区,2024-03-05,1,10\n紫金县,2024-03-05,2,20\n龙川县,2024-03-05,3,30\n"
    told = {
        **VALUES,
        "values": [{"column": "v", "indicator": "X"}, {"column": "w", "indicator": "Y"}],
    }
    reading, frames = read(raw, area={"column": "县区"}, **told)
    assert reading.summary["total_rows"] == [2]
    assert frames[0].values.numerator.sum() == 66


def test_a_column_left_empty_can_mark_a_total():
    raw = "县区,镇,日期,v\n源城区,埔前镇,2024-03-05,1\n源城区,,2024-03-05,9\n"
    reading, _ = read(raw, area={"column": "镇"}, totals={"blank": "镇"}, **VALUES)
    assert reading.summary["total_rows"] == [3]


def test_foot_notes_and_blank_rows_are_no_data():
    raw = "县区,日期,v\n源城区,2024-03-05,1\n\n,,\n注：本表为初步数\n数据来源：市统计局,,\nSource: bureau,,\n"
    reading, frames = read(raw, area={"column": "县区"}, **VALUES)
    assert (frames[0].rows, frames[0].problems) == (1, [])
    assert reading.summary["note_rows"] == [5, 6, 7]
    assert reading.summary["blank_rows"] == 2


def test_reading_stops_where_the_mapping_says():
    raw = "县区,日期,v\n源城区,2024-03-05,1\n附表,,\n紫金县,2024-03-05,1\n"
    reading, frames = read(raw, area={"column": "县区"}, stop_at=("附表",), **VALUES)
    assert frames[0].rows == 1
    assert reading.summary["note_rows"] == [3, 4]


@pytest.mark.parametrize(
    ("zeros", "missing", "kept"), [("values", 1, 5), ("missing", 4, 2), ("missing_rows", 3, 3)]
)
def test_declared_zeros_are_missing_and_others_are_zero(zeros, missing, kept):
    raw = "日期,v,w\n2024-03-05,0,0\n2024-03-06,0,7\n2024-03-07,3,\n"
    told = {
        **VALUES,
        "values": [{"column": "v", "indicator": "X"}, {"column": "w", "indicator": "Y"}],
    }
    reading, frames = read(raw, area=CITY, zeros=zeros, **told)
    assert (reading.summary["missing"], len(frames[0].values)) == (missing, kept)


def test_suppressed_cells_are_unknown_with_a_warning():
    raw = "日期,v\n2024-03-05,<5\n2024-03-06,*\n2024-03-07,8\n"
    reading, frames = read(raw, area=CITY, **VALUES)
    assert frames[0].values.numerator.tolist() == [8]
    assert [(p.row, p.reason, p.refused) for p in frames[0].problems] == [
        (2, "suppressed", False),
        (3, "suppressed", False),
    ]
    assert (frames[0].rows, frames[0].accepted, reading.summary["suppressed"]) == (3, 3, 2)


def test_a_missing_column_is_named_with_those_like_it():
    raw = "区县名称,统计日期,数值\n源城区,2024-03-05,1\n"
    with pytest.raises(PayloadError) as refusal:
        read(
            raw,
            area={"column": "区县"},
            period={"column": "日期"},
            layout="indicators",
            values=[{"column": "金额", "indicator": "X"}],
        )
    said = str(refusal.value)
    assert "no column '区县' (looks like it: 区县名称)" in said
    assert "no column '日期' (looks like it: 统计日期)" in said
    assert "no column '金额'. The table has: 区县名称, 统计日期, 数值" in said


def test_a_name_that_stands_twice_is_refused_until_its_place_is_said():
    raw = "日期,v,v\n2024-03-05,1,2\n"
    with pytest.raises(PayloadError, match="'v' stands 2 times"):
        read(raw, area=CITY, **VALUES)
    told = {**VALUES, "values": [{"column": "[3]", "indicator": "X"}]}
    assert facts(raw, area=CITY, **told)[0][3] == 2


def test_names_differ_in_width_case_blanks_and_units():
    raw = "Ｄate,Total_ Visits（人次）\n2024-03-05,1\n"
    told = {
        "layout": "indicators",
        "area": CITY,
        "period": {"column": "date"},
        "values": [{"column": "totalvisits", "indicator": "X"}],
    }
    assert len(facts(raw, **told)) == 1


def test_a_row_with_too_many_cells_is_refused_and_the_others_are_kept():
    rows = "".join(f"2024-03-{d:02d},{d}\n" for d in range(1, 13))
    reading, frames = read(f"日期,v\n{rows}2024-03-20,1,2,3\n2024-03-21,4\n", area=CITY, **VALUES)
    assert [(p.row, p.reason) for p in frames[0].problems] == [(14, "too_many_cells")]
    assert (reading.summary["rows"], frames[0].accepted) == (14, 13)


def test_lines_keep_their_numbers_across_batches_quotes_and_blank_lines():
    raw = '日期,v,w\n2024-03-01,1,"a\nb"\n\n' + "".join(
        f"2024-03-{d:02d},{d},x\n" for d in range(2, 12)
    )
    _, frames = read(raw, batch_rows=3, area=CITY, **VALUES)
    assert max(f.rows for f in frames) <= 3
    assert [r for f in frames for r in f.values["row"]] == [2, *range(5, 15)]


def test_two_passes_of_a_large_file_agree_with_one():
    raw = "日期,v\n" + "".join(
        f"2024-{m:02d}-{d:02d},{m * d}\n" for m in range(1, 13) for d in range(1, 29)
    )
    whole, parts = (
        read(raw, area=CITY, **VALUES)[1],
        read(raw, batch_rows=7, area=CITY, **VALUES)[1],
    )
    assert len(whole) == 1
    assert len(parts) == 48
    together = pd.concat([f.values for f in parts], ignore_index=True)
    pd.testing.assert_frame_equal(
        together, whole[0].values, check_dtype=False, check_categorical=False
    )


def test_dates_that_could_be_both_are_refused_until_the_order_is_said():
    raw = "日期,v\n03/04/2024,1\n05/06/2024,2\n"
    assert {r for _, r, *_ in reasons(raw, area=CITY, **VALUES)} == {"ambiguous_date"}
    told = {**VALUES, "period": {"column": "日期", "order": "mdy"}}
    assert facts(raw, area=CITY, **told)[0][2] == "2024-03-03"


def test_a_table_without_a_mapping_says_what_to_do():
    with pytest.raises(PayloadError, match="needs a mapping"):
        parse(b"a,b\n1,2\n", Options())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("layout: wide\n", "layout"),
        ("- 1\n", "not a list of named fields"),
        ("layout: long\nwrong: 1\n", "wrong"),
        ("a: [", "mapping x.yaml"),
        ("layout: cases\n", "cases is missing"),
        ("layout: indicators\nvalues: []\n", "values is missing"),
    ],
)
def test_a_wrong_mapping_is_refused_in_one_line(tmp_path, text, said):
    path = tmp_path / "x.yaml"
    path.write_text(text)
    with pytest.raises(ValueError, match=said) as refusal:
        load_mapping(path)
    assert "\n" not in str(refusal.value)


def test_a_closed_file_and_a_folder_are_refused(tmp_path):
    for path in (tmp_path, tmp_path / "none.csv"):
        with pytest.raises(PayloadError, match="cannot be read"):
            list(read_frames(path, Mapping(**VALUES, area=CITY), options=Options()))
    with pytest.raises(PayloadError, match="empty"):
        list(read_frames(io.BytesIO(b""), Mapping(**VALUES, area=CITY), options=Options()))


def test_a_thousand_with_a_dot_is_a_thousand_where_the_comma_is_decimal():
    raw = "日期;v\n2024-03-05;1.234\n2024-03-06;5.678\n"
    assert [n for *_, n, _ in facts(raw, area=CITY, decimal=",", **VALUES)] == [1234, 5678]


@pytest.mark.parametrize("columns", [20_000, 100_000])
def test_a_table_of_a_hundred_thousand_columns_is_refused(columns):
    raw = ",".join(f"c{n}" for n in range(columns)) + "\n" + "1," * columns + "\n"
    with pytest.raises(PayloadError, match=f"{columns} columns|{columns + 1} columns"):
        read(raw, area=CITY, **VALUES)


def test_a_county_beside_its_towns_is_a_subtotal_of_the_same_period_only():
    raw = (
        "县区,日期,v\n源城区,2024-03-05,3\n埔前镇,2024-03-05,1\n源南镇,2024-03-05,2\n"
        "紫金县,2024-03-05,4\n源城区,2024-03-06,5\n全市,2024-03-05,7\n"
    )
    reading, frames = read(raw, area={"column": "县区"}, **VALUES)
    assert reading.summary["total_rows"] == [2, 7]
    assert frames[0].values.numerator.tolist() == [1, 2, 4, 5]


def test_a_city_figure_of_another_indicator_is_no_total():
    raw = "指标,区县,日期,数值\n就诊,全市,2024-03-05,9\n出院,源城区,2024-03-05,1\n出院,全市,2024-03-05,1\n"
    told = {**LONG, "indicator": {"column": "指标", "codes": {"就诊": "HE-23", "出院": "HE-24"}}}
    assert [(i, a) for i, a, *_ in facts(raw, **told)] == [("HE-23", "441600"), ("HE-24", "441602")]


def test_a_total_the_mapping_translates_is_what_the_mapping_says():
    raw = "类别,日期,数值\n合计,2024-03-05,9\n其中:城镇,2024-03-05,4\n"
    told = {
        "layout": "long", "area": CITY, "period": {"column": "日期"}, "number": {"column": "数值"},
        "indicator": {"column": "类别", "codes": {"合计": "A", "其中:城镇": "B"}},
    }  # fmt: skip
    assert [i for i, *_ in facts(raw, **told)] == ["A", "B"]


def test_a_mapping_of_a_titled_table_names_every_column_that_is_missing():
    mapping = catalogue().mappings["county_monthly"]
    raw = "所在县区,统计月,办结件数,按时办结件数\n源城区,2026-04,10,9\n".encode()
    with pytest.raises(PayloadError) as refusal:
        parse(raw, Options(extra={"mapping": mapping}))
    said = str(refusal.value)
    assert "the title names no period" in said
    assert "no column '县区'" in said
    assert "looks like it: 所在县区" in said
    assert "no column '新增经营主体'" in said
