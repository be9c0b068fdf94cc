"""Proposes a mapping for a table that was looked at, and says what a person must decide."""

from __future__ import annotations

import re
from typing import Any

from data.catalogue import Catalogue
from data.catalogue.mapping import TODO
from data.tables.areas import AreaNames
from data.tables.columns import Column
from data.tables.fit import key_of
from data.tables.headers import JOIN, Header
from data.tables.layout import Layout, kind_of
from data.tables.open import Opened
from data.tables.periods import year_in

_PART = re.compile("[0-9]{1,2}月份?|[一二三四五六七八九十]{1,2}月份?|第?[一二三四1-4]季度")
"""A part of a year; which year stands elsewhere."""
CASES: dict[str, tuple[str, ...]] = {
    "id": ("工单编号", "工单号", "案件编号", "事项编号", "受理编号", "SRRecordID",
           "ServiceRequestNum",
                      "Unique Key", "service_request_id", "Case ID", "CaseID", "Request ID"),
    "requested": ("受理时间", "登记时间", "来电时间", "创建时间", "上报时间", "CreatedDate",
                  "Created Date", "requested_datetime", "Opened", "Date Opened", "Creation Date"),
    "status": ("工单状态", "办理状态", "状态", "SRStatus", "Status"),
    "category": ("诉求类型", "诉求分类", "事项类别", "问题类别", "SRType", "Complaint Type",
                 "service_name", "Category", "Type of Service Request"),
    "updated": ("更新时间", "最后更新时间", "StatusDate", "updated_datetime",
                "Resolution Action Updated Date"),
    "closed": ("办结时间", "结案时间", "完成时间", "CloseDate", "Closed Date", "Closed",
               "Completion Date"),
    "expected": ("办结时限", "办理时限", "截止时间", "DueDate", "Due Date", "expected_datetime"),
    "address": ("事发地址", "诉求地址", "地址", "Address", "Incident Address", "Street Address"),
    "area": ("所属区域", "所属区县", "区县", "县区", "行政区", "Borough"),
    "agency": ("承办单位", "主办单位", "责任单位", "Agency", "Agency Name", "Responsible Agency"),
    "description": ("诉求内容", "问题描述", "内容", "Descriptor", "Description", "description"),
    "lat": ("纬度", "Latitude", "lat"),
    "lon": ("经度", "Longitude", "long", "lon", "lng"),
}  # fmt: skip


def propose(
    opened: Opened,
    layout: Layout,
    header: Header,
    columns: list[Column],
    catalogue: Catalogue,
) -> tuple[dict[str, Any], list[str]]:
    """Return (a mapping as plain data, what it is unsure of)."""
    unsure: list[str] = []
    base: dict[str, Any] = {"layout": "indicators"}
    if opened.grid.sheet:
        base["sheet"] = opened.grid.sheet
    if opened.encoding and opened.encoding not in ("UTF-8", "UTF-8 with BOM"):
        base["encoding"] = opened.encoding
    if opened.delimiter and opened.delimiter != ",":
        base["delimiter"] = opened.delimiter
    if any(c.decimal == "," and c.kind == "number" for c in columns):
        base["decimal"] = ","
    if layout.header:
        base["header"] = list(layout.header)
    cases = _cases(columns, catalogue)
    if cases:
        return {**base, **_as_cases(cases, columns, unsure)}, unsure
    return {**base, **_as_facts(header, columns, catalogue, unsure)}, unsure


def _cases(columns: list[Column], catalogue: Catalogue) -> dict[str, str]:
    """Return the case fields whose column has one of their usual names.

    What the mappings of the catalogue call them is usual too.
    """
    known = {key_of(c.name): c.name for c in columns if c.kind != "empty"}
    written = [m.cases for m in catalogue.mappings.values() if m.cases]
    found = {}
    for name, own in CASES.items():
        usual = (*own, *(u for cases in written for u in getattr(cases, name)))
        hit = next((known[key_of(u)] for u in usual if key_of(u) in known), None)
        if hit:
            found[name] = hit
    enough = {"id", "requested"} <= set(found) and len(found) >= 4
    return found if enough else {}


def _as_cases(cases: dict[str, str], columns: list[Column], unsure: list[str]) -> dict[str, Any]:
    by_name = {c.name: c for c in columns}
    mapping: dict[str, Any] = {
        "layout": "cases",
        "time_zone": "Asia/Shanghai",
        "cases": dict(cases),
    }
    unsure.append("the times are taken as those of Asia/Shanghai")
    status = by_name.get(cases.get("status", ""))
    if status:
        words = {w: _status_word(w) for w in status.words}
        mapping["cases"]["statuses"] = words
        unsure.append(f"which words of {status.name!r} mean closed")
    orders = {
        by_name[cases[n]].date_order for n in ("requested", "closed", "expected") if n in cases
    }
    orders.discard(None)
    if len(orders) == 1:
        mapping["period"] = {"order": orders.pop()}
    if "category" in cases:
        unsure.append("categories of the source entry must translate the words of the category")
    return mapping


def _status_word(word: str) -> str:
    low = word.lower()
    closed = ("clos", "办结", "结案", "完成", "complet", "resolved", "关闭")
    return "closed" if any(c in low for c in closed) and "未" not in word else "open"


def _as_facts(
    header: Header, columns: list[Column], catalogue: Catalogue, unsure: list[str]
) -> dict[str, Any]:
    numbers = [c for c in columns if c.kind == "number"]
    area = next((c for c in columns if c.kind == "area"), None)
    period = _best_period(columns)
    key = _indicator_column(columns)
    named = {"column": key.name, "codes": _codes(key, catalogue)} if key else {"code": TODO}
    across = _spread_areas(columns, catalogue) if area is None else []
    if len(across) >= 2:
        unsure.append("each column is an area: which indicator is it?")
        told = _period(period, unsure)
        return {"layout": "areas", "columns": across, "indicator": named, "period": told}
    mapping: dict[str, Any] = {"area": _area(area, columns, catalogue, unsure)}
    spread = _spread_periods(columns) if period is None else []
    if len(spread) >= 2:
        mapping |= {"layout": "periods", "columns": spread, "indicator": named}
        unsure.append("each column is a period: which indicator is it?")
        if any(_PART.fullmatch(n.rsplit(JOIN, 1)[-1]) for n in spread) and not year_in(
            header.title
        ):
            unsure.append("the columns are parts of a year, and no title says which: period.value")
        return mapping | ({"unit": header.unit} if header.unit else {})
    mapping["period"] = _period(period, unsure)
    if key and len(numbers) == 1:
        number = _value(numbers[0], header, catalogue, unsure)
        del number["indicator"]
        return mapping | {"layout": "long", "indicator": named, "number": number}
    mapping["values"] = [
        _value(c, header, catalogue, unsure) for c in numbers if not _is_key(c, numbers)
    ]
    if not numbers:
        unsure.append("no column of numbers was found")
    zeros = [c for c in numbers if c.zeros]
    many = zeros and all(any("does 0 mean missing" in d for d in c.doubts) for c in zeros)
    if many and len(zeros) >= 2:
        mapping["zeros"] = "missing_rows"
        unsure.append("rows of nothing but 0 are taken as missing")
    return mapping


def _indicator_column(columns: list[Column]) -> Column | None:
    """Return the column whose words name what is measured, None if none is called so."""
    words = ("指标", "项目", "事项", "indicator", "measure", "metric")
    wordy = [c for c in columns if c.kind in ("category", "text", "code")]
    return next((c for c in wordy if any(w in c.name.lower() for w in words)), None)


def _codes(column: Column, catalogue: Catalogue) -> dict[str, str]:
    return {word: _indicator(word, catalogue) or TODO for word in column.words}


def _best_period(columns: list[Column]) -> Column | None:
    periods = [c for c in columns if c.kind == "period"]
    order = {"day": 0, "hour": 0, "minute": 0, "week": 1, "month": 1, "quarter": 2, "year": 3}
    return min(periods, key=lambda c: (order.get(c.grain or "", 4), c.index), default=None)


def _area(
    area: Column | None,
    columns: list[Column],
    catalogue: Catalogue,
    unsure: list[str],
) -> dict[str, Any]:
    if area:
        if area.doubts:
            unsure.append(f"names of areas: {area.doubts[0]}")
        return {"column": area.name}
    words = (
        "area",
        "region",
        "county",
        "district",
        "location",
        "state",
        "区",
        "县",
        "地区",
        "quartier",
    )
    maybe = next(
        (c for c in columns if c.kind in ("text", "category", "code")
         and any(w in c.name.rsplit(JOIN, 1)[-1].lower() for w in words)), None,
    )  # fmt: skip
    if maybe:
        unsure.append(f"{maybe.name!r} looks like an area, but its names are not of the catalogue")
        return {"column": maybe.name}
    unsure.append("no column of areas: the whole table is taken for the city")
    return {"code": catalogue.city.code}


def _period(period: Column | None, unsure: list[str]) -> dict[str, Any]:
    if period is None:
        unsure.append("no column of periods: the title or the mapping must say it")
        return {"title": True}
    told: dict[str, Any] = {"column": period.name}
    if period.date_order:
        told["order"] = period.date_order
    if not period.date_sure:
        unsure.append(f"{period.name}: day or month first")
    if period.serial:
        told["serial"] = 1900
    if period.grain in ("hour", "minute") or any("taken as months" in d for d in period.doubts):
        told["grain"] = period.grain
    return told


def _spread_periods(columns: list[Column]) -> list[str]:
    """Return the columns of numbers whose own name is a year or a date."""
    last = {c.name: c.name.rsplit(JOIN, 1)[-1] for c in columns if c.kind == "number"}
    return [n for n, own in last.items() if kind_of(own) in ("y", "d") or _PART.fullmatch(own)]


def _spread_areas(columns: list[Column], catalogue: Catalogue) -> list[str]:
    """Return the columns of numbers whose name is an area."""
    areas = AreaNames(catalogue.areas)
    return [c.name for c in columns if c.kind == "number" and areas.find(c.name)]


def _is_key(column: Column, numbers: list[Column]) -> bool:
    """Return whether a column of numbers rather names things: an id or a number in a row."""
    low = column.name.lower()
    return len(numbers) > 1 and (
        low in ("id", "序号", "no", "no.", "编号", "orgid") or low.endswith("id")
    )


def _value(
    column: Column, header: Header, catalogue: Catalogue, unsure: list[str]
) -> dict[str, Any]:
    code = _indicator(column.name, catalogue)
    value: dict[str, Any] = {"column": column.name, "indicator": code or TODO}
    unit = column.unit or header.unit
    if unit == "%" and not column.signs and isinstance(column.max, float) and abs(column.max) <= 1:
        value["factor"] = 1
        unsure.append(f"{column.name}: named %, but no value is above 1: taken as fractions")
    elif unit:
        value["unit"] = unit
    if code is None:
        unsure.append(f"{column.name}: which indicator is it?")
    if not unit:
        unsure.append(f"{column.name}: the file names no unit")
    if column.unit in ("%", "‰") and code is None:
        unsure.append(f"{column.name}: a share without its counts; name the denominator")
    return value


def _indicator(name: str, catalogue: Catalogue) -> str | None:
    wanted = key_of(name.rsplit(JOIN, 1)[-1])
    for one in catalogue.indicators.values():
        if wanted in {key_of(one.code), key_of(one.name["zh"]), key_of(one.name["en"]),
                      key_of(one.numerator["zh"]), key_of(one.numerator["en"])}:  # fmt: skip
            return one.code
    return None
