"""Residents of areas: read or refused by line, and always with their year."""

from datetime import date

import pytest

from data.catalogue import CatalogueError, catalogue
from data.catalogue.population import load_population

AREAS = ("441600", "441602")
HEAD = "area,year,residents,source\n"


def read(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "population.csv"
    path.write_bytes((HEAD + text).encode(encoding))
    return load_population(path, AREAS)


def test_the_newest_year_not_after_the_day_counts(tmp_path):
    found = read(tmp_path, "441600,2023,300,b\n441600,2020,200,a\n")
    assert found.of("441600", date(2026, 11, 23)).residents == 300
    assert found.of("441600", date(2022, 12, 31)).residents == 200
    assert found.of("441600", date(2019, 12, 31)) is None
    assert found.of("441602", date(2026, 1, 1)) is None


def test_a_spreadsheet_may_have_saved_it(tmp_path):
    found = read(tmp_path, "441600,2020,200,统计年鉴\n", "gb18030")
    assert found.rows["441600"][0].source == "统计年鉴"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('441600,2020,"2,837,686",a', "line 2: residents '2,837,686' is no whole number"),
        ("441600,2020,283.77万,a", "line 2: residents"),
        ("441600,2020,0,a", "line 2.*residents"),
        ("441600,2020,,a", "line 2: residents ''"),
        ("441600,二〇二〇,5,a", "line 2: year"),
        ("441600,1066,5,a", "line 2.*year"),
        ("441600,2020,5,", "line 2.*source"),
        ("441699,2020,5,a", "line 2: no such area: 441699"),
        ("441600,2020,5,a\n441600,2020,6,b", "line 3: 441600 has residents of 2020 twice"),
    ],
)
def test_a_wrong_line_is_named(tmp_path, line, said):
    with pytest.raises(CatalogueError, match=said):
        read(tmp_path, line + "\n")


def test_a_missing_column_is_named(tmp_path):
    path = tmp_path / "population.csv"
    path.write_text("area,year,people\n", encoding="utf-8")
    with pytest.raises(CatalogueError, match="columns missing: residents, source"):
        load_population(path, AREAS)


def test_a_folder_without_the_table_has_no_residents(tmp_path):
    assert load_population(tmp_path / "population.csv", AREAS).rows == {}


def test_the_demo_city_has_the_census_and_marks_what_nobody_published():
    known = catalogue()
    assert known.residents("441600", date(2020, 12, 31)) == (2_837_686, 2020)
    assert known.residents("441600", date(2026, 11, 16)) == (2_840_900, 2021)
    assert known.residents("4416JD", date(2026, 11, 16)) is None
    counties = [c.code for c in known.counties() if c.statutory]
    rows = [known.population.of(code, date(2020, 12, 31)) for code in counties]
    assert sum(row.residents for row in rows) == 2_837_686
    assert [row.area for row in rows if row.estimate] == ["441621", "441623", "441624"]
