"""Totals, days, departments and the fair comparison of units as tables."""

from __future__ import annotations

from components.formats import number
from components.i18n import _, name
from components.report.cells import Cell, Column, Sheet, figure, say
from components.review_fair import place_word, unit_of
from components.review_head import balance_words
from components.review_words import doubt_word
from components.supervision_table import length
from data.vocabulary.review import Fair, FairPoint, Review
from data.vocabulary.review_terms import Doubt
from data.vocabulary.supervision import GroupLine


def totals(review: Review) -> Sheet:
    """Return the totals of the week, this one and the last."""
    t = review["totals"]
    unit = say(_("cases"))
    lines: list[tuple[str, Cell, Cell]] = [
        (_("Open before"), figure(t["before"]), say("")),
        (_("New"), figure(t["new"]), figure(t["last_new"])),
        (_("Reopened"), figure(t["reopened"]), say("")),
        (_("Ended in the week"), figure(t["closed"]), figure(t["last_closed"])),
        (_("Open at the end"), figure(t["open"]), figure(t["last_open"])),
        (_("of these past their limit"), figure(t["late"]), say("")),
        (_("Due in the week"), figure(t["due"]), figure(t["last_due"])),
        (_("of these ended on time"), figure(t["on_time"]), figure(t["last_on_time"])),
    ]
    rows = [[say(words), now, unit, then] for words, now, then in lines]
    rate = on_time_cell(t["on_time"], t["due"])
    last = on_time_cell(t["last_on_time"], t["last_due"])
    rows.append([say(_("On time of due")), rate, say("%"), last])
    columns = [
        Column(_("Total"), 30, paper=60),
        Column(_("This week"), 14, paper=30, numeric=True),
        Column(_("Unit of measure"), 8, paper=20),
        Column(_("Week before"), 14, paper=30, numeric=True),
    ]
    return Sheet("totals", _("Totals"), columns, rows, notes=[balance_words(t)])


def on_time_cell(on_time: int, due: int) -> Cell:
    """Return the share of what was due that ended on time, in per cent."""
    return figure(100 * on_time / due if due else None, 1, instead=_("none due"))


def days(review: Review) -> Sheet:
    """Return new and ended cases by day."""
    columns = [
        Column(_("Day"), 14),
        Column(_("New (cases)"), 12, numeric=True),
        Column(_("Ended (cases)"), 12, numeric=True),
    ]
    rows = [[say(day), figure(new), figure(ended)] for day, new, ended in review["days"]]
    return Sheet("days", _("By day"), columns, rows, empty=_("no data"))


def departments(review: Review) -> Sheet:
    """Return how each department keeps its limits; rates never without their n."""
    columns = [
        Column(_("Department"), 24, paper=46),
        Column(_("Due (cases)"), 9, paper=16, numeric=True),
        Column(_("On time (cases)"), 9, paper=16, numeric=True),
        Column(_("On time (%)"), 9, paper=18, numeric=True),
        Column(_("95% interval, low"), 9, numeric=True),
        Column(_("95% interval, high"), 9, numeric=True),
        Column(_("95% interval (%)"), 14, paper=26),
        Column(_("Overdue now (cases)"), 9, paper=18, numeric=True),
        Column(_("Open now (cases)"), 9, paper=16, numeric=True),
        Column(_("Late (cases)"), 9, numeric=True),
        Column(_("Half ended within"), 12),
        Column(_("Nine in ten ended within"), 12),
        Column(_("Returned (times)"), 9, numeric=True),
        Column(_("Rework (times)"), 9, numeric=True),
        Column(_("Extended (times)"), 9, numeric=True),
        Column(_("Set aside (times)"), 9, numeric=True),
    ]
    rows = [_department(line) for line in review["departments"]]
    return Sheet("departments", _("Departments"), columns, rows, empty=_("none due"))


def _department(line: GroupLine) -> list[Cell]:
    low = None if line["low"] is None else 100 * line["low"]
    high = None if line["high"] is None else 100 * line["high"]
    both = "" if low is None or high is None else f"{number(low, 1)}–{number(high, 1)}"
    return [
        say(name(line["name"])),
        figure(line["due"]),
        figure(line["on_time"]),
        on_time_cell(line["on_time"], line["due"]),
        figure(low, 1),
        figure(high, 1),
        say(both),
        figure(line["overdue"]),
        figure(line["open"]),
        figure(line["late"]),
        say(_time(line, line["median"])),
        say(_time(line, line["p90"])),
        figure(line["returns"]),
        figure(line["rework"]),
        figure(line["extensions"]),
        figure(line["suspensions"]),
    ]


def _time(line: GroupLine, value: float | None) -> str:
    if not line["reported"]:
        return ""
    if value is None:
        return _("more than {t}").format(t=length(line["longest"]))
    return length(value)


def fair(review: Review) -> Sheet:
    """Return every comparison of units, a row a unit; units of one band cannot be told apart."""
    columns = [
        Column(_("Indicator"), 26),
        Column(_("Unit of measure"), 12),
        Column(_("Area"), 14, paper=36),
        Column(_("Sample size or residents"), 10, paper=22, numeric=True),
        Column(_("Value"), 10, paper=18, numeric=True),
        Column(_("95% interval, low"), 10, paper=22, numeric=True),
        Column(_("95% interval, high"), 10, paper=22, numeric=True),
        Column(_("Band"), 10, paper=26),
        Column(_("Against the whole"), 18, paper=34),
        Column(_("Common value"), 10, numeric=True),
        Column(_("Floor of n"), 8, numeric=True),
    ]
    rows = [_point(one, p, review) for one in review["fair"] for p in _ordered(one)]
    notes = [
        _("Units of one band cannot be told apart. Under the floor of n a unit is in no band.")
    ]
    return Sheet("fair", _("Fair comparison"), columns, rows, notes, empty=_("no data"))


def _ordered(one: Fair) -> list[FairPoint]:
    """Return the units by band, those in none last, within a band by name of the area's code."""
    return sorted(one["points"], key=lambda p: (p["band"] == 0, p["band"], p["area"]))


def _point(one: Fair, point: FairPoint, review: Review) -> list[Cell]:
    measure = one["measure"]
    places = max(measure["decimals"], 1)
    why = doubt_word(point["doubt"]) if point["doubt"] else ""
    placed = point["band"] > 0 and point["doubt"] != Doubt.HIDDEN
    told = placed or point["doubt"] in (None, Doubt.UNDER_FLOOR)
    return [
        say(name(measure["name"])),
        say(unit_of(one)),
        say(name(review["areas"].get(point["area"])) or point["area"]),
        figure(point["n"] if told else None, instead=why),
        figure(point["value"] if placed else None, places, instead=why),
        figure(point["low"] if placed else None, places),
        figure(point["high"] if placed else None, places),
        say(band_word(point)),
        say(place_word(point) if placed else why),
        figure(one["centre"], places),
        figure(one["floor"]),
    ]


def band_word(point: FairPoint) -> str:
    """Return a unit's band, or that it is in none."""
    return _("band {n}").format(n=point["band"]) if point["band"] else _("in no band")
