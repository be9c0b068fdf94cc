"""How the columns of one table become facts: the mapping, fitted to a header."""

from __future__ import annotations

from dataclasses import dataclass, field

from data.catalogue.mapping import Mapping, Number
from data.connectors.connector import PayloadError
from data.tables.areas import AreaNames
from data.tables.fit import Fit
from data.tables.headers import Header
from data.tables.moments import MomentError
from data.tables.numerals import unit_factor
from data.tables.periods import Period, Periods


@dataclass(frozen=True)
class Series:
    """One column of numbers and what is the same for all its cells; None: the row says it."""

    column: int
    factor: float
    indicator: str | None = None
    area: str | None = None
    period: Period | None = None
    denominator: tuple[int, float] | None = None
    share: bool = False


@dataclass
class Plan:
    """The columns to read. Places are -1 where the file has no such column."""

    series: list[Series]
    indicator: int | None = None
    area: int | None = None
    period: list[int] = field(default_factory=list)
    total_blank: list[int] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)

    def columns(self) -> list[int]:
        """Return every column that must be read."""
        found = {0, *self.period, *self.total_blank}
        found |= {c for c in (self.indicator, self.area) if c is not None}
        for one in self.series:
            found |= {one.column} | ({one.denominator[0]} if one.denominator else set())
        return sorted(found)

    def numbers(self) -> set[int]:
        """Return the columns that hold numbers only."""
        found = {s.column for s in self.series} | {
            s.denominator[0] for s in self.series if s.denominator
        }
        return found - {0, self.indicator, self.area, *self.period, *self.total_blank}


def make_plan(mapping: Mapping, header: Header, areas: AreaNames, periods: Periods) -> Plan:
    """Fit a mapping of facts to a header; raise PayloadError naming every column that lacks."""
    fit = Fit(header)
    plan = Plan([])
    key = mapping.indicator
    fixed_area = _fixed_area(mapping, header, areas, fit)
    fixed_period = _fixed_period(mapping, header, periods, fit)
    if key and key.column and mapping.layout != "indicators":
        plan.indicator = fit.need(key.column)
    if mapping.area.column and mapping.layout != "areas":
        plan.area = fit.need(mapping.area.column)
    if mapping.layout != "periods" and not _is_fixed(mapping):
        told = mapping.period
        parts = [p for p in (told.year, told.month, told.day, told.hour) if p]
        plan.period = [fit.need(p) for p in ([told.column] if told.column else parts)]
    plan.total_blank = [
        c for c in (fit.column((n,)) for n in mapping.totals.blank) if c is not None
    ]
    code = key.code if key and not key.column else None
    for number, indicator, denominator in _numbers(mapping, code):
        column = fit.need(number.column)
        below = (
            (fit.need(denominator.column), factor_of(denominator, header, 0))
            if denominator
            else None
        )
        factor = factor_of(number, header, column)
        plan.series.append(
            Series(column, factor, indicator, fixed_area, fixed_period, below, number.share)
        )
    if mapping.layout in ("areas", "periods"):
        _spread(mapping, header, fit, plan, areas, periods, (code, fixed_area, fixed_period))
    fit.conclude()
    return plan


def _numbers(mapping: Mapping, code: str | None) -> list[tuple[Number, str | None, Number | None]]:
    if mapping.layout == "indicators":
        return [(v, v.indicator, v.denominator) for v in mapping.values]
    if mapping.layout == "long" and mapping.number:
        return [(mapping.number, code, mapping.denominator)]
    return []


def _spread(
    mapping: Mapping,
    header: Header,
    fit: Fit,
    plan: Plan,
    areas: AreaNames,
    periods: Periods,
    fixed: tuple[str | None, str | None, Period | None],
) -> None:
    """Add a series for every column whose name is an area or a period."""
    factor = mapping.factor or unit_factor(mapping.unit or header.unit)
    wanted = [fit.need((name,)) for name in mapping.columns] if mapping.columns else None
    keys = {plan.indicator, plan.area, *plan.period}
    for at, name in enumerate(header.names):
        if at in keys or (wanted is not None and at not in wanted):
            continue
        code, area, period = fixed
        if mapping.layout == "areas":
            area = areas.find(name)
        else:
            period = _period_named(periods, name)
        if (area if mapping.layout == "areas" else period) is not None:
            plan.series.append(Series(at, factor, code, area, period))
        else:
            plan.unused.append(name)
    if not plan.series and not fit.missing:
        what = "an area" if mapping.layout == "areas" else "a period"
        shown = ", ".join(header.names[:12])
        raise PayloadError(
            f"the mapping does not fit: no column is named like {what}. The table has: {shown}"
        )


def _period_named(periods: Periods, name: str) -> Period | None:
    try:
        return periods.read(name.rsplit(" / ", 1)[-1] if " / " in name else name)
    except MomentError:
        return None


def factor_of(number: Number, header: Header, column: int) -> float:
    """Return what one of a column's numbers is in single things.

    The mapping decides; if it says nothing, the unit in the header or above the table does.
    """
    if number.factor is not None:
        return number.factor
    own = header.units[column] if 0 <= column < len(header.units) else ""
    return unit_factor(number.unit or own or header.unit)


def _is_fixed(mapping: Mapping) -> bool:
    """Return whether one period, told or in the title, is that of the whole table."""
    return not (mapping.period.column or mapping.period.year)


def _fixed_area(mapping: Mapping, header: Header, areas: AreaNames, fit: Fit) -> str | None:
    told = mapping.area
    if told.code:
        return told.code
    if told.title and not told.column:
        found = areas.inside(header.title)
        if found is None:
            fit.missing.append("the title names no area, or several")
        return found
    return None


def _fixed_period(mapping: Mapping, header: Header, periods: Periods, fit: Fit) -> Period | None:
    told = mapping.period
    if mapping.layout == "periods" or not _is_fixed(mapping):
        return None
    try:
        return periods.read(told.value) if told.value else periods.in_title(header.title)
    except MomentError as error:
        fit.missing.append(str(error))
        return None
