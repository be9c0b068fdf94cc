"""A mapping and a source for tables of facts, as a large file is given."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from data.catalogue import catalogue
from data.catalogue.mapping import Mapping
from data.cli.store import prepare
from data.ingest.table_files import ingest_table
from data.store import Store, utc_now

MAPPING = {
    "layout": "long",
    "indicator": {"column": ["indicator"]},
    "area": {"column": ["area"]},
    "period": {"column": ["period"], "grain": "hour"},
    "number": {"column": ["num"]},
    "denominator": {"column": ["den"]},
    "time_zone": "UTC",
    "totals": {"detect": False, "words": ["合计"]},
}


def give_large(store: Store, path: Path) -> int:
    """Store a table of facts; return how many rows were new."""
    facts = catalogue()
    source = facts.sources["county_monthly"].model_copy(update={"mapping": "large"})
    large = replace(facts, mappings={"large": Mapping.model_validate(MAPPING)})
    prepare(store)
    outcome = ingest_table(store, large, source, path, origin="bench", now=utc_now())
    assert outcome.status == "ok", outcome.error
    return outcome.counts.new


if __name__ == "__main__":  # a process of its own, whose size is looked at
    stored = give_large(Store(sys.argv[1]), Path(sys.argv[2]))
    # not ru_maxrss: that begins with the size of whoever started this process
    peak = next(x for x in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in x)
    print(round(int(peak.split()[1]) / 1024, 1), stored)
