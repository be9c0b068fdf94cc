"""Limits, due times and the time left, in words. A due time is explained line by line."""

from __future__ import annotations

from datetime import datetime, timedelta

from components.formats import duration
from components.i18n import N_, _, name, ngettext
from data.calendar import BasisKind, DayKind
from data.cases.clocks import ClockRule, Due, Line, LineKind
from data.vocabulary import LOCAL, ClockKind

_WEEKDAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))
_MONTHS = (
    N_("Jan"), N_("Feb"), N_("Mar"), N_("Apr"), N_("May"), N_("Jun"),
    N_("Jul"), N_("Aug"), N_("Sep"), N_("Oct"), N_("Nov"), N_("Dec"),
)  # fmt: skip


def limit_word(rule: ClockRule) -> str:
    """Return the limit of a clock, as "2 working days" or "48 h, weekends not counted"."""
    if rule.unit == "days":
        if rule.count_from == "at_once" and rule.by_days and rule.amount == 1:
            return _("the same working day") if _works(rule) else _("the same day")
        return _days(rule, rule.amount)
    written = exact(rule.seconds)
    if rule.kind is ClockKind.WORKING_HOURS:
        return _("{time} of working time").format(time=written)
    if rule.kind is ClockKind.SKIP_WEEKENDS:
        return _("{time}, weekends not counted").format(time=written)
    if rule.kind is ClockKind.SKIP_HOLIDAYS:
        return _("{time}, days off not counted").format(time=written)
    return written


def left_word(left: timedelta, rule: ClockRule | None = None) -> str:
    """Return the time left, or how long it is over. With a rule of days, in its days."""
    seconds = left.total_seconds()
    if rule is not None and rule.by_days:
        tenths = int(abs(seconds) * 10 // rule.day_seconds)
        written = _days(rule, tenths / 10) if tenths else exact(int(abs(seconds)))
    else:
        written = duration(abs(seconds)) if abs(seconds) >= 60 else exact(int(abs(seconds)))
    if seconds < 0:
        return _("{time} overdue").format(time=written)
    return _("{time} left").format(time=written)


def why_lines(due: Due) -> list[str]:
    """Return why `due` is due when it is: its start, every stretch, the sum, what it rests on."""
    told = [_start(due)]
    told += [_line(line, due) for line in due.lines if line.kind is not LineKind.START_DAY]
    told.append(
        _("{amount} in all: due {at}").format(
            amount=_amount(due.rule, due.seconds), at=_moment(due.due_at, due, end=True)
        )
    )
    return [*told, _basis(due), _calendar(due)]


def exact(seconds: int) -> str:
    """Return a length of time to the second, without the parts that are 0."""
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    parts = [_("{n} h").format(n=hours)] if hours else []
    parts += [_("{n} min").format(n=minutes)] if minutes else []
    parts += [_("{n} s").format(n=seconds)] if seconds or not parts else []
    return " ".join(parts)


def _start(due: Due) -> str:
    at = _moment(due.start, due)
    if due.counted_from < due.start:
        return _("{at}: counted from, this day included").format(at=at)
    if due.lines and due.lines[0].kind is LineKind.START_DAY:
        return _("{at}: started, this day not counted").format(at=at)
    if due.counted_from > due.start:
        return _("{at}: started, counted from the next day").format(at=at)
    return _("{at}: counted from").format(at=at)


def _line(line: Line, due: Due) -> str:
    if line.kind is LineKind.EXTENDED:
        return _("{at}: was due; {amount} more approved").format(
            at=_moment(line.start, due, end=True), amount=_more(line, due.rule)
        )
    if line.kind is LineKind.COUNTED:
        return _counted(line, due)
    if line.kind is LineKind.WEEKEND:
        return _("{days}: weekend, not counted").format(days=_span(line, due))
    if line.kind is LineKind.HOLIDAY:
        return _("{days}: {holiday} holiday, not counted").format(
            days=_span(line, due), holiday=name(line.name)
        )
    said = {
        LineKind.NIGHT: N_("{times}: outside office hours, not counted"),
        LineKind.LUNCH: N_("{times}: lunch break, not counted"),
        LineKind.SUSPENDED: N_("{times}: suspended by approval, not counted"),
    }[line.kind]
    return _(said).format(times=_times(line, due))


def _more(line: Line, rule: ClockRule) -> str:
    """Return what an extension added, which the line keeps as "3 days"."""
    amount, _space, unit = line.added.partition(" ")
    if unit == "days":
        return _days(rule, float(amount))
    return exact(round(float(amount) * (3600 if unit == "hours" else 60)))


def _counted(line: Line, due: Due) -> str:
    amount = _amount(due.rule, line.seconds)
    where = _span(line, due) if line.days and _whole(line, due) else _times(line, due)
    if line.day is DayKind.MAKE_UP:
        return _("{days}: make-up working day for {holiday}, {amount} counted").format(
            days=where, holiday=name(line.name), amount=amount
        )
    return _("{days}: {amount} counted").format(days=where, amount=amount)


def _whole(line: Line, due: Due) -> bool:
    """Return whether a stretch is told by its days alone: nothing but whole counted days."""
    return line.seconds == line.days * due.rule.day_seconds


def _basis(due: Due) -> str:
    rule, limit = due.rule, limit_word(due.rule)
    called = name(rule.name) or rule.code
    if limit.casefold() not in called.casefold():
        called = _("{name} ({limit})").format(name=called, limit=limit)
    said = _("Rule: {rule}, version {n}").format(rule=called, n=rule.version)
    basis = name(rule.basis)
    return _("{rule}; basis: {basis}").format(rule=said, basis=basis) if basis else said


def _calendar(due: Due) -> str:
    """Return what the days are taken from; a year without a notice is named as such."""
    if due.rule.kind is ClockKind.CONTINUOUS:
        return _("Calendar: every day counts")
    said = {
        BasisKind.NOTICE: N_("{year}: {notice}"),
        BasisKind.LIBRARY: N_("{year}: past arrangements as the holidays library has them"),
        BasisKind.FIXED: N_(
            "{year}: no notice published or entered yet, only the days the law fixes"
        ),
    }
    years = [_(said[b.kind]).format(year=b.year, notice=b.notice) for b in due.bases]
    return _("Calendar: {years} (version {version})").format(
        years=_("; ").join(years), version=due.calendar_version
    )


def _amount(rule: ClockRule, seconds: int) -> str:
    if rule.by_days and seconds % rule.day_seconds == 0:
        return _days(rule, seconds / rule.day_seconds)
    return exact(seconds)


def _works(rule: ClockRule) -> bool:
    return rule.kind in (ClockKind.WORKING_HOURS, ClockKind.SKIP_HOLIDAYS)


def _days(rule: ClockRule, n: float) -> str:
    """Return a number of days, named by what the clock counts."""
    if _works(rule):
        whole = ngettext("{n} working day", "{n} working days", int(n))
        return whole if n == int(n) else _("{n} working days").format(n=f"{n:.1f}")
    if rule.kind is ClockKind.SKIP_WEEKENDS:
        whole = ngettext("{n} weekday", "{n} weekdays", int(n))
        return whole if n == int(n) else _("{n} weekdays").format(n=f"{n:.1f}")
    whole = ngettext("{n} calendar day", "{n} calendar days", int(n))
    return whole if n == int(n) else _("{n} calendar days").format(n=f"{n:.1f}")


def _span(line: Line, due: Due) -> str:
    """Return the days of a stretch, the last one being that of its last second."""
    first, last = _local(line.start), _local(line.end - timedelta(seconds=1))
    if first.date() == last.date():
        return _day(first, _local(due.start).year)
    begin = _day(first, _local(due.start).year)
    return _("{first} to {last}").format(first=begin, last=_day(last, first.year))


def _times(line: Line, due: Due) -> str:
    first, last = _local(line.start), _local(line.end - timedelta(seconds=1))
    start = f"{_day(first, _local(due.start).year)} {_clock(first)}"
    if first.date() == last.date():
        end = _clock(_local(line.end))
        return f"{start}–{'24:00' if end == '00:00' else end}"
    return f"{start} – {_moment(line.end, due, end=True)}"


def _moment(at: datetime, due: Due, *, end: bool = False) -> str:
    """Return day and time; the end of a day is its 24:00, not the next day's 00:00."""
    local = _local(at)
    if end and (local.hour, local.minute, local.second) == (0, 0, 0):
        return f"{_day(local - timedelta(days=1), _local(due.start).year)} 24:00"
    return f"{_day(local, _local(due.start).year)} {_clock(local)}"


def _day(local: datetime, year: int) -> str:
    """Return a day with its weekday, and its year if that is another than `year`."""
    words = {
        "weekday": _(_WEEKDAYS[local.weekday()]), "month": _(_MONTHS[local.month - 1]),
        "day": local.day, "year": local.year,
    }  # fmt: skip
    if local.year != year:
        return _("{weekday} {day} {month} {year}").format(**words)
    return _("{weekday} {day} {month}").format(**words)


def _clock(local: datetime) -> str:
    return f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"


def _local(at: datetime) -> datetime:
    return at.astimezone(LOCAL)
