"""What a parser says of a refused row, in words: its English sentence known again, its data kept.

A detail is written where the row is read, with what stands in it. A screen knows the sentence by
its shape, puts it into the language spoken, and leaves names, numbers and codes as they are.
"""

from __future__ import annotations

import re
from functools import lru_cache

from components.i18n import N_, _, language

DETAILS: tuple[str, ...] = (
    N_("the same sender, identifier and time stand earlier in the file"),
    N_("an update that names no earlier message"),
    N_("{a} allows no blank, comma, < or & in it"),
    N_("the alert says nothing about the event"),
    N_("the alert has no {field}"),
    N_("{a} knows {list}"),
    N_("not one of {list}"),
    N_("taken as {a}"),
    N_("the alert does not name the event"),
    N_("fewer than three corners"),
    N_("fewer than three corners on earth"),
    N_("not lat,lon and a radius"),
    N_("not a radius in km"),
    N_("{a} is not a lat,lon on earth"),
    N_("not sender,identifier,sent"),
    N_("left out"),
    N_("a corner is no pair of numbers"),
    N_("nested too deep"),
    N_("blanks, commas, < and & are not allowed, nor more than {n} characters"),
    N_("nothing in it names a warning"),
    N_("the same identifier and time stand earlier in the file"),
    N_("ends before it was issued"),
    N_("the code means {a}, the text says {b}"),
    N_("the code means {a}, the text {b}"),
    N_("the text counts"),
    N_("the warning has no identifier"),
    N_("the warning has no time of issue"),
    N_("no known signal"),
    N_("no known colour"),
    N_("taken from the headline"),
    N_("no time in it"),
    N_("fine particles are part of {a} and cannot outweigh it"),
    N_("kept as measured"),
    N_("kept as given"),
    N_("{n} cells where the header has {m}"),
    N_("no instrument reads that"),
    N_("the row names no station"),
    N_("the same station and hour twice"),
    N_("not a pollutant of {a}"),
    N_("the row has no time"),
    N_("no hour of our time"),
    N_("not a number"),
    N_("the row names no pollutant"),
    N_("given twice"),
    N_("the first counts"),
    N_("the first one counts"),
    N_("not a place where this source's hospitals lie"),
    N_("neither an id nor a name"),
    N_("stands earlier in the file"),
    N_("no bed count is given"),
    N_("nobody can say how old it is"),
    N_("not a count of {a}"),
    N_("{a}: more beds free than there are ({n})"),
    N_("none counted"),
    N_("a day older than the newest hospital of the file"),
    N_("of what?"),
    N_("a {a} of the same id stands earlier in the file"),
    N_("the place cannot lie there (sign lost or swapped?)"),
    N_("position left out"),
    N_("the {a} has neither id nor identifier"),
    N_("broken, or not a {a} object"),
    N_("not a {a} resource"),
    N_("a count beside the reason for having none ({a})"),
    N_("the report does not say of what"),
    N_("only complete reports are taken"),
    N_("the report is about one person"),
    N_("the period ends before it starts"),
    N_("it ends before it starts"),
    N_("ends before it starts"),
    N_("the period has no {a}"),
    N_("counts what?"),
    N_("not a whole number"),
    N_("not a possible count"),
    N_("not a date of the calendar"),
    N_("twice in one group"),
    N_("not {a} or {b}"),
    N_("too many days"),
    N_("not a date as {a}"),
    N_("the feed does not say when it was made"),
    N_("every notice is taken as active"),
    N_("the entity has no id"),
    N_("an earlier entity has the same id"),
    N_("the entity carries nothing"),
    N_("the update does not name its trip"),
    N_("more than a day"),
    N_("taken as unknown"),
    N_("more than an hour later than the feed that reports it"),
    N_("not a place on earth"),
    N_("a text in the entity is not {a}"),
    N_("a row of {a} without {b}"),
    N_("an earlier row of {a} has it"),
    N_("{a} has no such trip"),
    N_("{a} has no such stop"),
    N_("{a} has no such route"),
    N_("not a span of time with a headway"),
    N_("not a whole number from {a} to {b}"),
    N_("a time of no trip"),
    N_("a time at no stop"),
    N_("runs on no day"),
    N_("{a} is not a date with a time"),
    N_("there is no {a}"),
    N_("{a} has no offset from {b}"),
    N_("{a} is outside the calendar"),
    N_("the row has no date"),
    N_("no day of our time"),
    N_("the row names no hospital"),
    N_("twice in the file"),
    N_("not a count"),
    N_("{a} taken of {b}"),
    N_("the same code stands earlier in the file"),
    N_("the request has no {a}"),
    N_("updated before it was reported"),
    N_("{n} in the file has the same id and is as new or newer"),
    N_("the service has no code"),
    N_("a request is open or closed"),
    N_("the publisher flags the value"),
    N_("concentrations are not negative ({a} stands for missing)"),
    N_("the value has no time"),
    N_("the same hour twice"),
    N_("the answer names only the sensor"),
    N_("declare it under {a}"),
    N_("a value without a unit"),
    N_("no number"),
    N_("before the year {n}"),
    N_("too near to zero to add up"),
    N_("a row is an object of named values"),
    N_("a value is text or a number"),
    N_("no case with this number was reported by this source"),
    N_("area {a}"),
    N_("before the case was reported"),
    N_("say first that it was reopened"),
    N_("outside the city"),
    N_("swapped"),
    N_("lost_sign"),
    N_("row {n} has the same number and is as new or newer"),
    N_("did you mean {list}?"),
    N_("another level reports it"),
    N_("this token is not for {a} {b}"),
    N_("stations of other cities are not kept"),
    N_("no station of the file is known to lie in the city"),
    N_("name them under {a}"),
    N_("named as ours, but its position lies outside of the city"),
    N_("{n} of {m} parts in the file"),
    N_("names no day"),
    N_("earlier than the case itself"),
    N_("the time has no offset from {a}"),
    N_("set {a}"),
    N_("outside the calendar"),
    N_("the case has no number"),
    N_("not a word of the mapping"),
    N_("kept as unknown, not as 0"),
    N_("a running total over several months"),
    N_("no such date: {a}"),
    N_("not a date or period"),
    N_("the year does not stand first"),
    N_("day or month first? say order in the mapping"),
    N_("not a day of Excel"),
    N_("the title names no period"),
    N_("there is no period"),
    N_("names a {a}, wanted is a {b}"),
    N_("no column for {a}"),
    N_("the file is {a}, this line is not"),
    N_("the line holds zero bytes"),
    N_("a quote opens here and is never closed"),
    N_("Field required"),
    N_("Extra inputs are not permitted"),
    N_("String should match pattern {a}"),
    N_("Input should be a valid string"),
    N_("Input should be a valid number"),
    N_("Input should be a finite number"),
    N_("Input should be {list}"),
    N_("String should have at most {n} characters"),
    N_("String should have at least {n} characters"),
    N_("String should have at least {n} character"),
    N_("the mapping does not fit: {a}. The table has: {list}"),
    N_("the mapping does not fit: header row {n} is empty"),
    N_("its columns stand in row {list}"),
    N_("there is no column {a} (looks like it: {list})"),
    N_("there is no column {a}"),
    N_("column {a} stands {n} times: {b}"),
    N_("not one row could be taken, {n} refused: {a}, first row {m} {b}"),
    N_("not one row could be taken, {n} refused: {a}"),
    N_("they are listed in run {n}"),
    N_("{a} (the {n} records before it are stored)"),
    N_("the file is empty"),
    N_("the file has {a} MB, more than the {b} MB allowed"),
    N_("the table holds no row of data"),
    N_("a table needs a mapping: name one, or let {a} propose one"),
    N_("the file is a web page (HTML), whatever its name says: save it as CSV"),
    N_("the file is XML, whatever its name says: save it as CSV or XLSX"),
    N_("the file is {a}, not a table"),
    N_("not a text table: the file is binary"),
    N_("not a text table: the file is binary (it holds zero bytes)"),
    N_("the table has {n} columns, more than {m} allowed"),
    N_("the workbook is damaged"),
    N_("the workbook is damaged: {a}"),
    N_("the workbook is encrypted: save it without a password"),
    N_("the workbook is encrypted"),
    N_("the workbook would unpack to {a}: refused as a zip bomb"),
    N_("the workbook took too much time or memory to read: refused"),
    N_("the workbook took too long to read: refused"),
    N_("the workbook could not be read to its end"),
    N_("a zip file that is no workbook"),
    N_("the file changed while it was read: give it again when it is whole"),
    N_("cannot be read: {a}"),
    N_("not JSON, or broken: {a}"),
    N_("not text: the file is binary (a workbook, an archive or a picture)"),
    N_("not CSV: neither UTF-8, UTF-16 nor GB 18030 text"),
    N_("month must be in {a}"),
    N_("hour must be in {a}"),
    N_("minute must be in {a}"),
    N_("second must be in {a}"),
    N_("day is out of range for month"),
    N_("year {a} is out of range"),
    N_("Invalid isoformat string: {a}"),
    N_("; "),
)
"""Every sentence, {parts} where something stands that is data. Several are joined by "; "."""

_PART = re.compile(r"{(\w+)}")


def _shape(sentence: str) -> re.Pattern[str]:
    pieces = _PART.split(sentence)
    words = [re.escape(p) if n % 2 == 0 else f"(?P<{p}>.+?)" for n, p in enumerate(pieces)]
    return re.compile("".join(words), re.DOTALL)


_FIXED = frozenset(sentence for sentence in DETAILS if "{" not in sentence)
_SHAPES = sorted(
    ((s, _shape(s)) for s in DETAILS if "{" in s), key=lambda one: -len(_PART.sub("", one[0]))
)
"""The one with most words of its own first: it says most of what is meant."""


def detail_sentence(detail: str) -> str:
    """Return a detail in the language spoken now; what is not known stays as it is."""
    return _told(detail, language())


@lru_cache(maxsize=4096)
def _told(detail: str, lang: str) -> str:
    whole = _known(detail, lang)
    if whole is not None:
        return whole
    parts = detail.split("; ")
    return detail if len(parts) == 1 else _("; ").join(_told(part, lang) for part in parts)


def _known(text: str, lang: str) -> str | None:
    if text in _FIXED:
        return _(text)
    for sentence, shape in _SHAPES:
        if told := shape.fullmatch(text):
            words = {name: _told(part, lang) for name, part in told.groupdict().items()}
            return _(sentence).format(**words)
    return None
