"""Which days are worked: weekends, public holidays, make-up working days. Pure but for `load`.

The `holidays` library knows the arrangements of past notices; a table of the catalogue
(`calendars/<country>.csv`) adds the newest notice and what a city orders itself.
"""

from data.calendar.calendar import Calendar, load
from data.calendar.days import Basis, BasisKind, Day, DayKind
from data.calendar.table import CalendarError, RowError, TableRow, read_table

__all__ = [
    "Basis",
    "BasisKind",
    "Calendar",
    "CalendarError",
    "Day",
    "DayKind",
    "RowError",
    "TableRow",
    "load",
    "read_table",
]
