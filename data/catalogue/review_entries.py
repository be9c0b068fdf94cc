"""The rhythm of the weekly review: when it meets, when its pages are sent before, what follows."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path

from pydantic import Field, model_validator

from data.catalogue.entries import Entry
from data.catalogue.reading import CatalogueError, read_entry, read_yaml
from data.vocabulary import LOCAL

FILE = "review.yaml"


class ReviewRhythm(Entry):
    """A meeting about each week, in the week after it. Local time.

    weekday: 1 Monday to 7 Sunday. preread_hours: so long before it the page is frozen and sent.
    followup_hours: so long after it every promise is written down.
    """

    weekday: int = Field(default=3, ge=1, le=7)
    time: str = Field(default="09:00", pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$")
    preread_hours: int = Field(default=48, ge=0, le=168)
    followup_hours: int = Field(default=48, ge=1, le=168)

    @model_validator(mode="after")
    def _week_is_over(self) -> ReviewRhythm:
        hours = (self._offset() - timedelta(hours=self.preread_hours)).total_seconds() / 3600
        if hours < 0:
            raise ValueError(
                f"preread_hours: {self.preread_hours} hours before the meeting the week is not "
                "over yet; meet later in the week or send the page later"
            )
        return self

    def _offset(self) -> timedelta:
        at = time.fromisoformat(self.time)
        return timedelta(days=self.weekday - 1, hours=at.hour, minutes=at.minute)

    def meeting(self, week: date) -> datetime:
        """Return when the week that begins on this Monday is talked about."""
        monday = datetime.combine(week + timedelta(days=7), time(), LOCAL)
        return monday + self._offset()

    def preread(self, week: date) -> datetime:
        """Return when the page of a week is frozen and sent."""
        return self.meeting(week) - timedelta(hours=self.preread_hours)

    def followup(self, week: date) -> datetime:
        """Return until when the promises of its meeting are written down."""
        return self.meeting(week) + timedelta(hours=self.followup_hours)


def read_rhythm(folder: Path) -> ReviewRhythm:
    """Read review.yaml; a folder without it meets as we do. Raises CatalogueError."""
    path = folder / FILE
    if not path.exists():
        return ReviewRhythm()
    row = read_yaml(path)
    if not isinstance(row, dict):
        raise CatalogueError(f"{path.name}: is no list of fields such as weekday and time")
    return read_entry(ReviewRhythm, row, path)
