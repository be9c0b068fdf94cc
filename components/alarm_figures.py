"""The figures of the alarm log in words: name, unit, target, where the target comes from."""

from __future__ import annotations

from dataclasses import dataclass

from components.formats import MISSING, duration, number
from components.i18n import N_, _
from data.vocabulary.alarm_log import Figure, Load

ISA = "ISA-18.2"
EEMUA = "EEMUA 191"
OWN = N_("own rules")


@dataclass(frozen=True)
class Look:
    """How one figure is written. unit: a message; source: of its targets."""

    name: str
    unit: str
    decimals: int = 1
    source: str = ISA
    parts: str = ""
    """What the two numbers behind a share are: a message with {part} and {whole}."""


GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (N_("How many come"),
     ("ten_mean", "ten_max", "ten_over", "hour_mean", "hour_over", "day_mean")),
    (N_("Floods"), ("flood_share", "floods")),
    (N_("Nuisance"), ("chattering", "fleeting", "stale", "standing", "standing_now", "top_ten")),
    (N_("Answered"), ("acknowledged_median", "acknowledged_p90", "in_time", "acted_on",
                      "false_alarm")),
    (N_("Put aside"), ("shelved", "suppressed", "unauthorised")),
)  # fmt: skip

LOOKS: dict[str, Look] = {
    "ten_mean": Look(N_("Alarms in 10 minutes, mean"), N_("alarms/10 min"), 2),
    "ten_max": Look(N_("Alarms in 10 minutes, most"), N_("alarms/10 min"), 0),
    "ten_over": Look(N_("10-minute periods with more than 10"), "%", 1, ISA,
                     N_("{part} of {whole} periods")),
    "hour_mean": Look(N_("Alarms an hour, mean"), N_("alarms/h")),
    "hour_over": Look(N_("Hours with more than 30"), "%", 1, ISA, N_("{part} of {whole} hours")),
    "day_mean": Look(N_("Alarms a day, mean"), N_("alarms/d")),
    "flood_share": Look(N_("Time in flood"), "%"),
    "floods": Look(N_("Floods: 10 in 10 min until fewer than 5"), N_("floods"), 0),
    "chattering": Look(N_("Chattering alarms: 3 times in a minute"), N_("alarms"), 0),
    "fleeting": Look(N_("Fleeting alarms: over within a minute, unseen"), N_("alarms"), 0),
    "stale": Look(N_("Stale: standing over 24 h, worst day"), N_("alarms"), 0),
    "standing": Look(N_("Standing, mean over time"), N_("alarms"), 1, EEMUA),
    "standing_now": Look(N_("Standing at the end"), N_("alarms"), 0, EEMUA),
    "top_ten": Look(N_("Share of the ten noisiest rules"), "%"),
    "acknowledged_median": Look(N_("Time to acknowledge, median"), "s", 0, OWN),
    "acknowledged_p90": Look(N_("Time to acknowledge, 90 of 100 within"), "s", 0, OWN),
    "in_time": Look(N_("Acknowledged within their rule's time"), "%", 1, OWN,
                    N_("{part} of {whole} alarms")),
    "acted_on": Look(N_("Acted on, of those that were judged"), "%", 1, OWN,
                     N_("{part} of {whole} alarms")),
    "false_alarm": Look(N_("False alarms, of those that were judged"), "%", 1, OWN,
                        N_("{part} of {whole} alarms")),
    "shelved": Look(N_("Shelved at the same time, most"), N_("alarms"), 0, EEMUA),
    "suppressed": Look(N_("Suppressed by design or out of service"), N_("alarms"), 0),
    "unauthorised": Look(N_("Put aside without a reason"), N_("times"), 0),
}  # fmt: skip

LOADS: dict[Load, str] = {
    Load.GOOD: N_("acceptable"),
    Load.LIMIT: N_("high"),
    Load.OVER: N_("over the limit"),
    Load.UNKNOWN: N_("cannot be said"),
    Load.FREE: "",
}


def figure_name(key: str) -> str:
    """Return what a figure is called."""
    return _(LOOKS[key].name)


def load_word(load: Load) -> str:
    """Return how a figure stands, "" where there is no target."""
    return _(LOADS[load]) if LOADS[load] else ""


def figure_value(figure: Figure) -> str:
    """Return value and unit; what cannot be said is a dash."""
    look = LOOKS[figure.key]
    if figure.value is None:
        return MISSING
    if look.unit == "s":
        return _seconds(figure.value)
    unit = _(look.unit) if look.unit != "%" else "%"
    value = number(figure.value, look.decimals)
    return f"{value}%" if unit == "%" else f"{value} {unit}"


def _seconds(value: float) -> str:
    if value < 120:
        return _("{n} s").format(n=number(value))
    return duration(value)


def figure_parts(figure: Figure) -> str:
    """Return the two numbers behind a share, "" for none."""
    said = LOOKS[figure.key].parts
    if not said or figure.parts is None:
        return ""
    part, whole = figure.parts
    return _(said).format(part=number(part), whole=number(whole))


def target_words(figure: Figure) -> str:
    """Return what is asked of a figure; a dash where nothing is."""
    if figure.good is None or figure.most is None:
        return MISSING
    decimals = LOOKS[figure.key].decimals
    good, most = _short(figure.good, decimals), _short(figure.most, decimals)
    unit = "%" if LOOKS[figure.key].unit == "%" else ""
    if figure.key == "stale":
        return _("under {n}").format(n=good)
    if figure.most == 0:
        return good + unit
    if figure.good == figure.most:
        return _("at most {n}").format(n=good + unit)
    return _("≤ {good}{unit}, at most {most}{unit}").format(good=good, most=most, unit=unit)


def _short(value: float, decimals: int) -> str:
    return number(value, 0 if value == int(value) else decimals)


def source_words(figure: Figure) -> str:
    """Return where the target comes from."""
    if figure.good is None:
        return MISSING
    source = LOOKS[figure.key].source
    return _(source) if source == OWN else source


def reason_words(figure: Figure) -> str:
    """Return one reason of a verdict: the figure, its value, what is asked."""
    return _("{name}: {value} (asked: {target})").format(
        name=figure_name(figure.key), value=figure_value(figure), target=target_words(figure)
    )
