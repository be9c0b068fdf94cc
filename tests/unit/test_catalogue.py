"""The catalogue holds what the city needs, and says what is wrong with a bad file."""

from __future__ import annotations

import shutil
from collections import Counter

import pytest

from data.catalogue import CatalogueError, load
from data.ingest import derive, stations, transit
from data.settings import settings
from data.tables.registry import CONNECTORS
from data.vocabulary import LANGUAGES, Aggregation, Direction


def test_every_domain_has_its_dozen_of_indicators(catalogue):
    counts = Counter(i.domain for i in catalogue.indicators.values())
    assert set(counts) == set(catalogue.domains)
    assert min(counts[domain] for domain in catalogue.wall_domains()) >= 12


def test_the_wall_has_four_domains_and_others_have_no_panel_there(catalogue):
    assert catalogue.wall_domains() == ["public_safety", "transport", "health", "services"]
    assert catalogue.wall_indicators("ecology") == []


def test_the_city_has_its_counties_zones_and_towns(catalogue):
    kinds = Counter(a.kind for a in catalogue.areas.values())
    assert (kinds["city"], kinds["county"], kinds["zone"]) == (1, 6, 2)
    assert kinds["town"] + kinds["township"] + kinds["subdistrict"] == 101
    assert {a.level for a in catalogue.counties()} == {2}
    assert [a.statutory for a in catalogue.counties()].count(False) == 2


def test_the_tree_of_areas_is_whole(catalogue):
    for area in catalogue.areas.values():
        if area.level == 1:
            assert area.parent is None
        else:
            assert catalogue.areas[area.parent].level == area.level - 1, area.code
        if area.level == 2:
            assert area.lon
            assert area.lat
        if area.level == 3:
            assert area.code.startswith(area.parent)


def test_every_county_has_an_outline(catalogue):
    drawn = {str(f["id"]) for f in catalogue.shapes["features"]}
    assert drawn == {a.code for a in catalogue.counties() if a.statutory}


def test_every_panel_of_the_wall_has_slots_one_to_four(catalogue):
    for domain in catalogue.wall_domains():
        assert [i.wall.slot for i in catalogue.wall_indicators(domain)] == [1, 2, 3, 4], domain


def test_everything_has_a_name_in_every_language(catalogue):
    named = [
        *catalogue.areas.values(), *catalogue.departments.values(), *catalogue.domains.values(),
        *catalogue.categories.values(), *catalogue.sources.values(), *catalogue.indicators.values(),
    ]  # fmt: skip
    texts = [(getattr(x, "code", None) or getattr(x, "key", None), x.name) for x in named]
    texts += [
        (i.code, t)
        for i in catalogue.indicators.values()
        for t in (i.unit, i.numerator, i.definition)
    ]
    texts += [(i.code, i.denominator) for i in catalogue.indicators.values() if i.denominator]
    texts += [
        (i.code, i.wall.name) for i in catalogue.indicators.values() if i.wall and i.wall.name
    ]
    for who, text in texts:
        assert set(text) == set(LANGUAGES), who
        assert all(text[lang].strip() for lang in LANGUAGES), who


def test_every_indicator_can_be_measured(catalogue):
    """Its feed is of the kind that its source delivers and names a measure that exists."""
    kinds = {
        "open311": "cases", "gtfs-rt": "transit", "fhir": "measure_report", "cap": "alerts",
        "cma-warning": "alerts", "edxl-have": "measure_report", "nhsn": "measure_report",
        "cnemc": "stations", "openaq": "stations", "table": "table",
    }  # fmt: skip
    measures = {"received", "closed", "due_on_time", "share", "handling_hours", "open", "overdue"}
    for i in catalogue.indicators.values():
        source = catalogue.sources[i.source]
        assert i.feed.kind == kinds[source.connector], i.code
        if i.feed.kind == "transit":
            assert i.feed.measure in transit.MEASURES, i.code
        if i.feed.kind == "cases":
            assert i.feed.measure in measures, i.code
            assert set(i.feed.categories) <= set(source.categories.values()), i.code
            assert i.feed.categories, i.code
        if i.feed.kind == "stations":
            assert i.feed.measure in stations.MEASURES, i.code
        if i.feed.kind == "measure_report":
            assert i.feed.group, i.code
            assert i.feed.numerator, i.code
            assert bool(i.feed.denominator) == bool(i.denominator), i.code
    assert derive


def test_gauges_of_cases_are_asked_as_gauges(catalogue):
    for i in catalogue.indicators.values():
        if i.feed.kind == "cases":
            stock = i.feed.measure in ("open", "overdue")
            assert stock == (i.aggregation is Aggregation.LAST), i.code


def test_limits_get_graver_in_the_right_direction(catalogue):
    for i in catalogue.indicators.values():
        ordered = [i.target.levels[level] for level in sorted(i.target.levels, reverse=True)]
        if i.target.kind == "floor":
            assert ordered == sorted(ordered, reverse=True), i.code
            assert i.direction is not Direction.LOWER, i.code
        if i.target.kind in ("ceiling", "range"):
            assert ordered == sorted(ordered), i.code
        if i.target.kind == "ceiling":
            assert i.direction is not Direction.HIGHER, i.code
        low = [i.target.low[level] for level in sorted(i.target.low, reverse=True)]
        assert low == sorted(low, reverse=True), i.code


def test_a_neutral_indicator_has_no_fixed_limit(catalogue):
    for i in catalogue.indicators.values():
        if i.direction is Direction.NEUTRAL:
            assert i.target.kind in ("band", "none"), i.code


def test_every_source_speaks_a_known_format(catalogue):
    for source in catalogue.sources.values():
        assert source.connector in CONNECTORS
        assert source.timeout <= source.every, source.key
        if source.connector == "open311":
            assert source.categories, source.key


def test_every_category_is_reported_by_some_source(catalogue):
    reported = {code for s in catalogue.sources.values() for code in s.categories.values()}
    assert reported == set(catalogue.categories)


def test_codes_fit_their_columns(catalogue):
    for codes, width in (
        (catalogue.areas, 12), (catalogue.indicators, 40), (catalogue.sources, 40),
        (catalogue.categories, 40), (catalogue.departments, 40), (catalogue.domains, 40),
    ):  # fmt: skip
        assert max(map(len, codes)) <= width


# ---- a bad file ----


@pytest.fixture
def folder(tmp_path):
    """A copy of the catalogue to spoil."""
    shutil.copytree(settings().catalogue, tmp_path / "catalogue")
    return tmp_path / "catalogue"


def spoil(folder, name, old, new, times=1):
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, times), encoding="utf-8")


def test_the_copy_is_good(folder, catalogue):
    assert load(folder) == catalogue


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("indicators/public_safety.yaml", "aggregation: sum", "agregation: sum", r"public_safety.yaml, entry PS-01"),
        ("indicators/public_safety.yaml", "direction: neutral", "direction: sideways", r"public_safety.yaml, entry PS-01"),
        ("indicators/public_safety.yaml", "grain: hour", "grain: fortnight", r"public_safety.yaml, entry PS-01"),
        ("indicators/public_safety.yaml", "source: yuepingan", "source: nowhere", r"indicator PS-01: no such source: nowhere"),
        ("indicators/public_safety.yaml", "department: psb", "department: none", r"indicator PS-01: no such department"),
        ("indicators/public_safety.yaml", "police_help]", "police_hlep]", r"indicator PS-01: no such category: police_hlep"),
        ("indicators/public_safety.yaml", "code: PS-02", "code: PS-01", r"PS-01 stands twice"),
        ("indicators/public_safety.yaml", "aggregation: sum", "aggregation: ratio", r"PS-01.*denominator"),
        ("indicators/public_safety.yaml", "slot: 1", "slot: 5", r"public_safety.yaml, entry PS-01"),
        ("indicators/public_safety.yaml", "- code: PS-01", "- code: [", r"public_safety.yaml"),
        ("sources.yaml", "every: 30", "every: 0", r"sources.yaml, entry warnings"),
        ("sources.yaml", "connector: cap", "connector: fax", r"sources.yaml, entry warnings"),
        ("sources.yaml", "department: weather", "department: weahter", r"source warnings: no such department"),
        ("sources.yaml", "static: bus_static", "static: bus_statik", r"source bus_vehicles: no such source"),
        ("categories.yaml", "level: 3", "level: 9", r"categories.yaml, entry police_criminal"),
        ("categories.yaml", "domain: public_safety", "domain: safety", r"category police_criminal: no such domain"),
        ("areas.csv", "441600,2,county", "441600,7,county", r"areas.csv, entry 441602"),
        ("areas.csv", "源城,Yuancheng,441600", "源城,Yuancheng,449999", r"area 441602: no such area: 449999"),
        ("areas.csv", "114.640232", "east", r"areas.csv, entry 441602"),
        ("areas.csv", "code,name_zh", "id,name_zh", r"areas.csv"),
        ("geo/counties.geojson", "{", "<", r"counties.geojson"),
        ("city.yaml", "calendar_country", "calender_country", r"city.yaml"),
    ],
)  # fmt: skip
def test_a_bad_file_is_named_with_its_entry(folder, name, old, new, said):
    spoil(folder, name, old, new)
    with pytest.raises(CatalogueError, match=said):
        load(folder)


@pytest.mark.parametrize("name", ["city.yaml", "sources.yaml", "areas.csv", "geo/counties.geojson"])
def test_a_missing_file_is_named(folder, name):
    (folder / name).unlink()
    with pytest.raises(CatalogueError, match=name.rsplit("/", 1)[-1]):
        load(folder)


def test_another_city_is_another_folder(folder, fresh_settings):
    spoil(folder, "city.yaml", "zh: 河源市,", "zh: 别的市,")
    fresh_settings.setenv("ZHIZHI_CATALOGUE", str(folder))
    from data.catalogue import catalogue

    assert catalogue().city.name["zh"] == "别的市"


def broken(tmp_path, change):
    folder = tmp_path / "catalogue"
    shutil.copytree(
        settings().catalogue, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__")
    )
    change(folder)
    with pytest.raises(CatalogueError) as wrong:
        load(folder)
    return str(wrong.value)


def test_a_source_without_its_mapping_is_refused(tmp_path):
    said = broken(tmp_path, lambda f: (f / "sources" / "county_monthly.yaml").unlink())
    assert said == "source county_monthly: no such mapping: county_monthly"


def test_a_wrong_mapping_and_one_of_unknown_indicators_are_refused(tmp_path):
    path = "sources/county_monthly.yaml"
    said = broken(tmp_path / "a", lambda f: (f / path).write_text("layout: wide"))
    assert "mapping county_monthly.yaml" in said
    text = (settings().catalogue / path).read_text(encoding="utf-8").replace("GS-63", "NO-1")
    said = broken(tmp_path / "b", lambda f: (f / path).write_text(text, encoding="utf-8"))
    assert said == "mapping county_monthly: no such indicator: NO-1"


def test_a_table_and_only_a_table_names_a_mapping(catalogue):
    for source in catalogue.sources.values():
        assert (source.connector == "table") == (source.mapping is not None), source.key
