"""Reading a small table by a mapping given in place."""

from data.catalogue.mapping import Mapping
from data.connectors.connector import Options
from data.tables.stream import read_frames

CITY = {"code": "441600"}


def read(raw, batch_rows=50_000, **told):
    raw = raw.encode() if isinstance(raw, str) else raw
    reading = read_frames(raw, Mapping(**told), options=Options(), batch_rows=batch_rows)
    return reading, list(reading)


def facts(raw, **told):
    _, frames = read(raw, **told)
    return [
        (v.indicator, v.area, v.period_start.isoformat()[:10], v.numerator, v.row)
        for frame in frames
        for v in frame.values.itertuples()
    ]


def reasons(raw, **told):
    _, frames = read(raw, **told)
    return [(p.row, p.reason, p.field, p.value) for f in frames for p in f.problems]


VALUES = {
    "layout": "indicators",
    "period": {"column": "日期"},
    "values": [{"column": "v", "indicator": "X"}],
}
