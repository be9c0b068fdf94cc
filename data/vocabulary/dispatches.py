"""Wrong dispatches, told against whoever dispatched."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from data.vocabulary.terms import Names


@dataclass
class DispatchLine:
    """One person of one centre. by: category to wrong and all dispatches, of this period.

    name: of the person, "" where no event says who dispatched. centre: the area they act for,
    None where no account is known.
    """

    name: str
    centre: Names | None
    by: dict[str, list[int]] = field(default_factory=dict)

    @property
    def wrong(self) -> int:
        """Dispatches that came back with approval in the period."""
        return sum(pair[0] for pair in self.by.values())

    @property
    def dispatched(self) -> int:
        """Dispatches made in the period."""
        return sum(pair[1] for pair in self.by.values())

    def add(self, category: str, place: int, count: int = 1) -> None:
        """Count: place 0 is wrong, 1 is all."""
        self.by.setdefault(category, [0, 0])[place] += count


@dataclass(frozen=True)
class DispatchBoard:
    """Every line, most wrong first, and what the categories are called."""

    lines: tuple[DispatchLine, ...]
    categories: dict[str, Names]
    start: datetime
    end: datetime

    @property
    def whole(self) -> tuple[int, int]:
        """Wrong and all dispatches of everybody."""
        return sum(x.wrong for x in self.lines), sum(x.dispatched for x in self.lines)
