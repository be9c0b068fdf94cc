"""Everything a review is made of, as the store told it. Pure: no words, no clock."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

from data.calendar.week import Week
from data.catalogue import Catalogue
from data.catalogue.entries import Indicator
from data.review.charted import Charted
from data.review.series import Counted, Pair, Series
from data.review.window import WEEK, Cuts
from data.vocabulary.review import Basis


@dataclass(frozen=True)
class Heard:
    """When a source was last heard, epoch seconds, and whether it was silent at the end."""

    at: float | None
    silent: bool


@dataclass(frozen=True)
class Facts:
    """A week of an area and of those right below it.

    over: days of the week that are over. first: Monday of the first place of all series. days:
    what was counted by day, of this week of all areas, of the compared ones of the area itself;
    hidden_days: of these what may not be shown. began: the first week each indicator told of the
    area.
    """

    catalogue: Catalogue
    week: Week
    area: str
    below: tuple[str, ...]
    over: tuple[date, ...]
    first: date
    indicators: Mapping[str, Indicator]
    series: Mapping[Pair, Series]
    charts: Mapping[Pair, Charted]
    cuts: Mapping[str, Cuts]
    days: Mapping[Pair, Mapping[date, Counted]]
    hidden_days: Collection[tuple[str, str, date]]
    bases: Mapping[str, Basis]
    heard: Mapping[str, Heard]
    began: Mapping[str, date] = field(default_factory=dict)

    @property
    def place(self) -> int:
        """The place of the looked-at week."""
        return (self.week.first - self.first) // WEEK

    @property
    def whole(self) -> bool:
        """Whether the week is over."""
        return len(self.over) == 7

    def told(self, code: str, area: str, week: Week | None = None) -> set[date]:
        """Return the days of a week, the looked-at one, on which an indicator was told.

        A day without anything to divide by is told too, if its source told others of that day.
        """
        own = set(self.days.get((code, area), ()))
        indicator = self.indicators[code]
        if indicator.denominator is not None:
            for other in self.indicators.values():
                if other.source == indicator.source:
                    own |= set(self.days.get((other.code, area), ()))
        return own & set((week or self.week).days)
