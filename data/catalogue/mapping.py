"""How one kind of table is to be read: a small YAML file under sources/, checked when read.

Columns are named as in the header (several spellings allowed; width, case, blanks and
underscores do not matter), by a letter ("[C]") or by a place ("[3]").
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BeforeValidator, Field, model_validator

from data.catalogue.entries import Entry, GrainName
from data.vocabulary import Names

Layout = Literal["long", "indicators", "areas", "periods", "cases"]


def _several(value: Any) -> Any:
    return (str(value),) if isinstance(value, str | int) else value


Columns = Annotated[tuple[str, ...], BeforeValidator(_several)]

TODO = "TO-DECIDE"
"""Stands in a proposed mapping where only a person can know."""
MISSING = (
    "", "-", "--", "—", "——", "－", "…", "……", ".", "..", "/", "na", "n/a", "#n/a", "nan", "null",
    "none", "nil", "不详", "无数据", "缺", "缺失", "未报", "未上报", "暂无", "无",
    "data not available",
)  # fmt: skip
SUPPRESSED = (
    "*", "**", "***", "c", "x", "[c]", "[x]", "suppressed", "保密", "抑制", "小于5", "少于5",
    "小于10", "少于10", "d",
)  # fmt: skip
TOTALS = (
    "合计", "小计", "总计", "共计", "总和", "累计", "全市合计", "全县合计", "全区合计", "total",
    "totals", "subtotal", "sub-total", "sub total", "grand total", "sum", "overall total",
)  # fmt: skip
NOTES = (
    "注：", "注:", "备注", "说明", "数据来源", "资料来源", "来源：", "来源:", "填报人", "审核人",
    "制表", "统计负责人", "单位负责人", "填表人", "note", "notes", "source", "sources", "footnote",
    "#", "copyright", "©",
)  # fmt: skip


class Number(Entry):
    """A column of numbers. unit: 万人, 亿元, %, ‰ give the factor; factor overrides it.

    share: the column is a share of the denominator; it is turned into a count.
    """

    column: Columns
    unit: str = ""
    factor: float | None = None
    share: bool = False


class Value(Number):
    """A column of one indicator (layout indicators)."""

    indicator: str
    denominator: Number | None = None


class IndicatorKey(Entry):
    """Which indicator: one for the file, or a column whose words are translated by codes."""

    column: Columns = ()
    code: str | None = None
    codes: dict[str, str] = Field(default_factory=dict)
    fill: bool = False


class AreaKey(Entry):
    """Which area: one for the file, a column, or the title. names: word -> code.

    fill: an empty cell means the same as the one above, as where cells were merged.
    """

    column: Columns = ()
    code: str | None = None
    title: bool = False
    names: dict[str, str] = Field(default_factory=dict)
    fill: bool = False


class PeriodKey(Entry):
    """Which period: a column, columns for its parts, one for the file, or the title.

    order: of day, month and year where all are numbers. grain: what is meant if the
    text does not say. serial: numbers are Excel days of this epoch.
    """

    column: Columns = ()
    year: Columns = ()
    month: Columns = ()
    day: Columns = ()
    hour: Columns = ()
    value: str | None = None
    title: bool = False
    order: Literal["dmy", "mdy", "ymd"] | None = None
    grain: GrainName | None = None
    serial: Literal[1900, 1904] | None = None
    fill: bool = False


class Totals(Entry):
    """Which rows only add up others. words: the whole of a label; blank: columns left empty."""

    words: tuple[str, ...] = TOTALS
    blank: Columns = ()
    detect: bool = True


class CaseFields(Entry):
    """Columns of a case extract. Only what is named here is ever read."""

    id: Columns
    requested: Columns
    status: Columns = ()
    category: Columns = ()
    updated: Columns = ()
    closed: Columns = ()
    expected: Columns = ()
    address: Columns = ()
    area: Columns = ()
    agency: Columns = ()
    description: Columns = ()
    notes: Columns = ()
    lat: Columns = ()
    lon: Columns = ()
    priority: Columns = ()
    call_back: Columns = ()
    statuses: dict[str, Literal["open", "closed"]] = Field(default_factory=dict)
    categories: dict[str, str] = Field(default_factory=dict)
    duplicate_words: tuple[str, ...] = ("duplicate", "重复")


class Mapping(Entry):
    """One kind of table. layout: what a row and a column stand for.

    long: a row is a fact. indicators: a column is an indicator. areas: a column is an
    area. periods: a column is a period. cases: a row is a case.
    """

    name: Names | None = None
    note: str = ""
    layout: Layout
    sheet: Columns = ()
    encoding: str | None = None
    delimiter: str | None = Field(default=None, min_length=1, max_length=1)
    decimal: Literal[".", ","] = "."
    header: tuple[int, ...] | None = None
    skip_rows: tuple[int, ...] = ()
    stop_at: tuple[str, ...] = ()
    notes: tuple[str, ...] = NOTES
    totals: Totals = Totals()
    missing: tuple[str, ...] = MISSING
    suppressed: tuple[str, ...] = SUPPRESSED
    zeros: Literal["values", "missing", "missing_rows"] = "values"
    time_zone: str = ""
    indicator: IndicatorKey | None = None
    area: AreaKey = AreaKey()
    period: PeriodKey = PeriodKey()
    values: tuple[Value, ...] = ()
    number: Number | None = None
    denominator: Number | None = None
    columns: Columns = ()
    unit: str = ""
    factor: float | None = None
    cases: CaseFields | None = None

    @model_validator(mode="after")
    def _whole(self) -> Mapping:
        wrong = _lacking(self)
        if wrong:
            raise ValueError(f"layout {self.layout}: {wrong}")
        return self

    def indicators(self) -> set[str]:
        """Return every indicator code the mapping can yield."""
        key = self.indicator
        named = {key.code, *key.codes.values()} if key else set()
        return {code for code in (*named, *(v.indicator for v in self.values)) if code}


def _lacking(mapping: Mapping) -> str:
    """Return what a mapping of this layout must say and does not, "" if it is whole."""
    if mapping.layout == "cases":
        return "" if mapping.cases else "cases is missing"
    period, area, key = mapping.period, mapping.area, mapping.indicator
    if mapping.layout == "indicators" and not mapping.values:
        return "values is missing"
    if mapping.layout != "indicators" and not (key and (key.code or key.column)):
        return "indicator needs a code or a column"
    if mapping.layout == "long" and not mapping.number:
        return "number is missing"
    if mapping.layout != "areas" and not (area.column or area.code or area.title):
        return "area needs a column, a code or title"
    told = period.column or period.year or period.value or period.title
    if mapping.layout != "periods" and not told:
        return "period needs a column, year, value or title"
    return ""


def load_mapping(path: Path) -> Mapping:
    """Read one mapping; raise ValueError with one line that says what is wrong with it."""
    try:
        with path.open(encoding="utf-8") as lines:
            found = yaml.safe_load(lines)
    except FileNotFoundError as error:
        raise ValueError(f"there is no mapping {path.name}") from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ValueError(f"mapping {path.name}: {' '.join(str(error).split())[:300]}") from error
    if not isinstance(found, dict):
        raise ValueError(f"mapping {path.name}: not a list of named fields")
    try:
        return Mapping(**found)
    except (TypeError, ValueError) as error:
        said = re.sub(r"\s*For further information visit \S+", "", str(error))
        raise ValueError(f"mapping {path.name}: {' '.join(said.split())[:400]}") from error
