"""One payload of every kind that can reach the wall. All values are invented."""

from tests.samples.alarms import alarm, alarms, response, stage
from tests.samples.city import AREAS, CITY, DOMAINS, NOW, names
from tests.samples.feeds import source, source_detail, sources
from tests.samples.figures import no_data, partial, stale, tile, watch
from tests.samples.four_domains import domains, tiles
from tests.samples.matters import EMPTY_QUEUE, case, queue, red_case, rows
from tests.samples.proof import evidence
from tests.samples.wall import CITY_WALL, header, map_panel, panels

__all__ = [
    "AREAS", "CITY", "CITY_WALL", "DOMAINS", "EMPTY_QUEUE", "NOW", "alarm", "alarms", "case", "domains", "evidence",
    "header", "map_panel", "names", "no_data", "panels", "partial", "queue", "red_case", "response", "rows", "source",
    "source_detail", "sources", "stage", "stale", "tile", "tiles", "watch",
]  # fmt: skip
