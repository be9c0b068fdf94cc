"""Key messages, promises, corrections, late cases and gaps as tables."""

from __future__ import annotations

from dataclasses import dataclass

from components.formats import day_time, full_time
from components.i18n import _, language, name
from components.report.cells import Cell, Column, Sheet, figure, say
from components.report.edition import Edition
from components.review_head import by_word
from components.review_loop import since_word
from components.review_sentences import gap_text, message_parts, message_text
from components.review_words import (
    doubt_word,
    expected_word,
    promise_action_word,
    promise_state_word,
    restated_word,
    verdict_word,
    week_word,
)
from components.theme import LEVELS
from data.vocabulary.meeting import Frozen, Minutes, PromiseLine, Restated
from data.vocabulary.review import Gap, LateCase, Measure, Message, Review


@dataclass(frozen=True)
class Told:
    """A key message as it is printed.

    lead: its bold beginning, "" if a person wrote it; edited: by whom and when, "" otherwise.
    """

    message: Message
    lead: str
    text: str
    edited: str


def told(review: Review, minutes: Minutes) -> list[Told]:
    """Return the key messages in their order, each as somebody wrote it or as its rule says it."""
    edits = {edit["key"]: edit for edit in minutes["edits"]}
    found = []
    for message in review["messages"]:
        edit = edits.get(message["key"])
        written = edit["text"].get(language(), "") if edit else ""
        by = ""
        if edit and written:
            by = _("edited by {who}, {when}").format(who=edit["by"], when=day_time(edit["at"]))
        lead, _rest = message_parts(message, review["areas"])
        text = message_text(message, review["areas"])
        found.append(Told(message, "" if written else lead, written or text, by))
    return found


def level_word(level: int) -> str:
    """Return the word of a level, "" for none."""
    return _(LEVELS[level].word) if level in LEVELS else ""


def messages(review: Review, minutes: Minutes, edition: Edition) -> Sheet:
    """Return the key messages with who answers for them and where their number comes from."""
    columns = [
        Column(_("Order"), 5, numeric=True),
        Column(_("Level"), 8),
        Column(_("Message"), 80),
        Column(_("Edited by hand"), 22),
        Column(_("Department"), 20),
        Column(_("Until"), 12),
        Column(_("Evidence"), 24),
    ]
    rows = [
        [
            figure(number),
            say(level_word(one.message["level"])),
            say(one.text),
            say(one.edited),
            say(name(one.message["department"])),
            say(one.message["until"] or ""),
            say(one.message["evidence"], href=edition.evidence(one.message["evidence"])),
        ]
        for number, one in enumerate(told(review, minutes), start=1)
    ]
    return Sheet("messages", _("Key messages"), columns, rows, empty=_("No key message"))


def promises(review: Review, minutes: Minutes) -> Sheet:
    """Return what was promised, how it stands, and what became of the indicator since."""
    columns = [
        Column(_("What was promised"), 46, paper=56),
        Column(_("State"), 14, paper=20),
        Column(_("Overdue"), 9),
        Column(_("Owner"), 22, paper=30),
        Column(_("Made in"), 14),
        Column(_("Due in"), 14, paper=24),
        Column(_("Carried over (times)"), 9, numeric=True),
        Column(_("Indicator"), 12),
        Column(_("Case"), 20),
        Column(_("Expected"), 12),
        Column(_("Effect since"), 18, paper=26),
        Column(_("Mean before"), 10, numeric=True),
        Column(_("Mean after"), 10, numeric=True),
        Column(_("Weeks after"), 8, numeric=True),
        Column(_("What was done"), 50),
    ]
    measures = {row["measure"]["code"]: row["measure"] for row in review["rows"]}
    rows = [_promise(line, measures.get(line["code"] or "")) for line in minutes["promises"]]
    return Sheet("promises", _("Promises"), columns, rows, empty=_("Nothing was promised"))


def _promise(line: PromiseLine, measure: Measure | None) -> list[Cell]:
    doubt = _(" ({why})").format(why=doubt_word(line["doubt"])) if line["doubt"] else ""
    overdue = _("past its week") if line["overdue"] else ""
    state = promise_state_word(line["state"])
    places = max(measure["decimals"] if measure else 1, 1)
    return [
        say(line["text"]),
        say(_("; ").join(x for x in (state, overdue) if x)),
        say(overdue),
        say(" ".join(x for x in (name(line["department"]), line["owner"]) if x)),
        say(week_word(line["made"])),
        say(week_word(line["due"])),
        figure(line["carried"]),
        say(line["code"] or ""),
        say(line["case_no"] or ""),
        say(expected_word(line["expected"])),
        say((verdict_word(line["verdict"]) if line["code"] else "") + doubt),
        figure(line["before"], places),
        figure(line["after"], places),
        figure(line["weeks_after"] if line["code"] else None),
        say(
            "\n".join(
                f"{week_word(e['week'])} {promise_action_word(e['action'])} {e['by']} {e['note']}"
                for e in line["history"]
            )
        ),
    ]


def restated(review: Review, minutes: Minutes) -> Sheet:
    """Return which numbers are others now than when the week was frozen."""
    columns = [
        Column(_("Week"), 14, paper=28),
        Column(_("Indicator"), 28, paper=44),
        Column(_("Area"), 14, paper=20),
        Column(_("Unit of measure"), 8, paper=16),
        Column(_("As frozen"), 12, paper=22, numeric=True),
        Column(_("Now"), 12, paper=22, numeric=True),
        Column(_("Late records"), 10, paper=20, numeric=True),
        Column(_("Reason"), 24, paper=36),
    ]
    packs = [pack for pack in (minutes["frozen"], *minutes["earlier"]) if pack is not None]
    rows = [_restated(line, pack, review) for pack in packs for line in pack["restated"]]
    empty = _("Every frozen number still stands") if packs else _("No week is frozen yet")
    return Sheet("restated", _("Corrections since"), columns, rows, empty=empty)


def _restated(line: Restated, pack: Frozen, review: Review) -> list[Cell]:
    of = next((r["measure"] for r in review["rows"] if r["measure"]["code"] == line["code"]), None)
    reason = restated_word(line["reason"])
    hidden = line["reason"] == "hidden"
    return [
        say(week_word(pack["week"])),
        say(name(of["name"]) if of else line["code"]),
        say(name(review["areas"].get(line["area"])) or line["area"]),
        say(name(of["unit"]) if of else ""),
        figure(None if hidden else line["was"], line["decimals"], instead=reason),
        figure(None if hidden else line["now"], line["decimals"], instead=reason),
        figure(line["late_records"]),
        say(reason),
    ]


def late(review: Review) -> Sheet:
    """Return the cases past their limit or about to be, within what the reader may see."""
    columns = [
        Column(_("Level"), 8, paper=14),
        Column(_("Case"), 22),
        Column(_("Matter"), 40, paper=54),
        Column(_("Department"), 20, paper=30),
        Column(_("Area"), 12, paper=16),
        Column(_("Limit before"), 14),
        Column(_("Limit"), 14, paper=24),
        Column(_("Past its limit"), 10, paper=18),
        Column(_("Stage"), 12, paper=18),
    ]
    rows = [_late(case) for case in review["late"]]
    notes = []
    if review["more_late"]:
        notes = [_("and {n} more, see the desk").format(n=review["more_late"])]
    empty = _("No case past its limit within what you may see")
    return Sheet("late", _("Late cases"), columns, rows, notes, empty=empty)


def _late(case: LateCase) -> list[Cell]:
    return [
        say(level_word(case["level"])),
        say(case["no"]),
        say(case["title"]),
        say(name(case["department"])),
        say(name(case["area"])),
        say(day_time(case["was_due"]) if case["was_due"] else ""),
        say(day_time(case["due"])),
        say(_("overdue") if case["late"] else _("due soon")),
        say(since_word(case["stage"])),
    ]


def gaps(review: Review) -> Sheet:
    """Return what weakens the review: sources that are late, and the indicators they touch."""
    columns = [
        Column(_("Source"), 24, paper=40),
        Column(_("What is missing"), 40, paper=60),
        Column(_("Department"), 20, paper=34),
        Column(_("Indicators touched"), 30, paper=46),
    ]
    rows = [_gap(gap, review) for gap in review["gaps"]]
    return Sheet("gaps", _("Data gaps"), columns, rows, empty=_("No gap is known"))


def _gap(gap: Gap, review: Review) -> list[Cell]:
    names = {r["measure"]["code"]: name(r["measure"]["name"]) for r in review["rows"]}
    touched = _(", ").join(names.get(code, code) for code in gap["codes"])
    return [
        say(name(gap["source"])),
        say(gap_text(gap)),
        say(name(gap["department"])),
        say(touched),
    ]


def frozen_words(minutes: Minutes) -> str:
    """Return when and by whom the week was frozen, or that it is not."""
    frozen = minutes["frozen"]
    if frozen is None:
        return _("not frozen: numbers may still change")
    said = _("frozen {when} by {who}, SHA-256 {sha}").format(
        when=full_time(frozen["frozen_at"]), who=by_word(frozen["frozen_by"]), sha=frozen["sha256"]
    )
    return said if frozen["intact"] else _("; ").join((said, _("Pack was changed")))
