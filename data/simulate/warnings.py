"""Which warnings were sent, and which are in force? Ordinary weather and the scenarios'."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from numpy.random import Generator

from data.catalogue import catalogue
from data.simulate.randomness import generator, share
from data.simulate.rhythm import DAY_S, local, midnight, ordinal_of_epoch
from data.simulate.scenario import Running, Story
from data.vocabulary import Names

_KEEP_S = 6 * 3600
_BLOCK_DAYS = 4
_RESPONSE_SHARE = 0.85
_ZONES_OF = {"441602": ("4416JD", "4416GX")}
_FLOOD: Names = {"zh": "防汛", "en": "Flood control"}
_WINTER: tuple[tuple[Names, int], ...] = (
    ({"zh": "森林火险", "en": "Forest fire danger"}, 3),
    ({"zh": "大雾", "en": "Fog"}, 3),
    ({"zh": "大风", "en": "Gale"}, 4),
    ({"zh": "寒冷", "en": "Cold"}, 3),
    ({"zh": "灰霾", "en": "Haze"}, 3),
)
_SUMMER: tuple[tuple[Names, int], ...] = (
    ({"zh": "暴雨", "en": "Rainstorm"}, 3),
    ({"zh": "雷雨大风", "en": "Thunderstorm gale"}, 4),
    ({"zh": "雷电", "en": "Lightning"}, 3),
    ({"zh": "高温", "en": "Heat"}, 3),
    ({"zh": "大雾", "en": "Fog"}, 3),
)


@dataclass(frozen=True)
class Step:
    """One message of a chain. Epoch seconds."""

    sent: int
    action: str
    level: int
    expires: int


@dataclass(frozen=True)
class Chain:
    """One warning from its raising to its end. response: roman numeral or ""."""

    key: str
    event: Names
    areas: tuple[str, ...]
    steps: tuple[Step, ...]
    response: str = ""

    def told(self, now: float) -> list[Step]:
        """Return the messages sent by `now`, none when the warning is long over."""
        sent = [s for s in self.steps if s.sent <= now]
        if not sent:
            return []
        over = sent[-1].sent if sent[-1].action == "Cancel" else sent[-1].expires
        return sent if now < over + _KEEP_S else []

    def spans(self) -> list[tuple[int, int, int]]:
        """Return (from, until, level) of each stretch in force."""
        ends = [*(s.sent for s in self.steps[1:]), self.steps[-1].expires]
        return [
            (s.sent, min(end, s.expires), s.level)
            for s, end in zip(self.steps, ends, strict=True)
            if s.action != "Cancel"
        ]


def identifier(chain: Chain, step: Step) -> str:
    """Return the message's identifier, in the manner of the national platform."""
    return f"44160041600000_{local(step.sent):%Y%m%d%H%M%S}_{chain.key}"


def chains(seed: int, now: float, story: Story = ()) -> list[Chain]:
    """Return every warning that a feed may tell of at `now`, oldest first."""
    today = ordinal_of_epoch(now)
    found = [c for day in range(today - 6, today + 1) for c in day_chains(seed, day)]
    found += [c for running in story if running.told(now) for c in _scripted(running)]
    return sorted(found, key=lambda c: (c.steps[0].sent, c.key))


@lru_cache(maxsize=64)
def day_chains(seed: int, ordinal: int) -> tuple[Chain, ...]:
    """Return the ordinary warnings raised on one local day, and its response level."""
    chance = generator(seed, "warnings", ordinal)
    many = int(chance.choice(3, p=(0.4, 0.42, 0.18)))
    kinds = _SUMMER if 4 <= local(midnight(ordinal)).month <= 9 else _WINTER
    found = [_response(seed, ordinal)] if ordinal % _BLOCK_DAYS == 0 else []
    for number in range(many):
        event, level = kinds[int(chance.integers(len(kinds)))]
        start = midnight(ordinal) + 60 * int(chance.integers(0, 1440))
        last = start + 900 * int(chance.integers(16, 60))
        steps = [Step(start, "Alert", level, last)]
        if chance.random() < 0.4:
            middle = start + (last - start) // 120 * 60
            last += 7200
            steps.append(Step(middle, "Update", 3, last))
        if chance.random() < 0.6:
            steps.append(Step(last - 600, "Cancel", steps[-1].level, last))
        found.append(Chain(f"{number:02d}", event, _counties(chance), tuple(steps)))
    return tuple(c for c in found if c)


def _counties(chance: Generator) -> tuple[str, ...]:
    codes = [a.code for a in catalogue().counties() if a.statutory]
    many = min(len(codes), 1 + int(chance.integers(0, 3)))
    return with_zones(tuple(sorted(chance.choice(codes, many, replace=False).tolist())))


def with_zones(codes: tuple[str, ...]) -> tuple[str, ...]:
    """Return the counties and the functional zones that lie in them."""
    return codes + tuple(zone for code in codes for zone in _ZONES_OF.get(code, ()))


def _response(seed: int, ordinal: int) -> Chain | None:
    """Return the flood-control response of the four days that begin here; not always one."""
    if share(seed, "response", ordinal) > _RESPONSE_SHARE:
        return None
    start = midnight(ordinal) + 18 * 3600
    last = start + (_BLOCK_DAYS - 1) * DAY_S + 20 * 3600
    steps = (Step(start, "Alert", 4, last), Step(last - 1800, "Cancel", 4, last))
    return Chain("R4", _FLOOD, (catalogue().city.code,), steps, "IV")


@lru_cache(maxsize=16)
def _scripted(running: Running) -> tuple[Chain, ...]:
    """Return a scenario's warnings; a stop cancels those in force."""
    found = []
    bulletins = running.scenario.bulletins
    for key in dict.fromkeys(b.chain for b in bulletins):
        mine = [b for b in bulletins if b.chain == key]
        last = running.start + mine[-1].after_s + 1800
        steps = [Step(running.start + b.after_s, b.action, b.level, last) for b in mine]
        if running.stopped is not None:
            steps = [s for s in steps if s.sent <= running.stopped]
            if steps and steps[-1].action != "Cancel":
                steps.append(Step(running.stopped + 1, "Cancel", steps[-1].level, last))
        if steps:
            areas = mine[0].areas if mine[0].response else with_zones(mine[0].areas)
            found.append(Chain(f"S{key}", mine[0].event, areas, tuple(steps), mine[0].response))
    return tuple(found)
