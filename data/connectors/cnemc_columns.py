"""Which column of an air-quality table holds what? Headers in Chinese or English, any order."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from data.connectors.connector import PayloadError
from data.connectors.csv_text import folded
from data.connectors.pollutants import substance_of

_NAMES = {
    "time": ("timepoint", "time", "datetime", "date", "timestamp", "pubtime", "updatetime",
             "监测时间", "时间", "日期", "日期时间", "数据时间", "更新时间", "发布时间", "监测日期",
             "时间点", "采集时间"),
    "hour": ("hour", "小时", "时", "时刻", "整点"),
    "station": ("stationcode", "stationid", "station", "code", "site", "siteid", "sitecode",
                "站点编码", "站点编号", "站点代码", "监测点编码", "监测点编号", "点位编码",
                "点位编号", "站号", "站点id", "uniquecode"),
    "name": ("positionname", "position", "stationname", "sitename", "name", "pointname",
             "监测点", "监测点名称", "监测点位", "站点", "站点名称", "点位", "点位名称", "监测站",
             "监测站点", "站名"),
    "place": ("area", "city", "cityname", "areaname", "district", "城市", "城市名称", "地区",
              "所在城市", "市", "地市", "区县", "行政区", "行政区划"),
    "lat": ("latitude", "lat", "纬度", "北纬", "y"),
    "lon": ("longitude", "lon", "lng", "long", "经度", "东经", "x"),
    "primary": ("primarypollutant", "primary", "首要污染物", "primarypollutants", "主要污染物"),
    "control": ("control", "iscontrol", "对照点", "是否对照点", "是否为对照点"),
    "type": ("type", "pollutant", "污染物", "指标", "类型", "监测项目", "项目"),
}  # fmt: skip
_BY_NAME = {name: key for key, names in _NAMES.items() for name in names}
_IN_BRACKETS = re.compile(r"[(（\[【]([^)）\]】]*)[)）\]】]")
_HOURLY = re.compile(
    r"(_|-|\s)?(1h|1小时|小时|1小时平均|小时平均|小时值|实时|实时值|浓度|值)$", re.I
)
_AVERAGED = re.compile(r"24|8\s*_?h|8小时|日均|日最大|滑动|iaqi|分指数|quality|类别", re.I)


@dataclass(frozen=True)
class Columns:
    """Where things stand in a row.

    places: by meaning; substances: substance -> (place, unit named in the header);
    stations: of the wide form, code or name of a city -> place. ignored: names of columns not used.
    """

    places: dict[str, int]
    substances: dict[str, tuple[int, str]]
    stations: dict[str, int]
    ignored: tuple[str, ...]

    @property
    def wide(self) -> bool:
        """One column a station."""
        return bool(self.stations)

    def needed(self) -> tuple[int, ...]:
        """Return the places without which a row says nothing."""
        wanted = ("time", "type") if self.wide else ("time", "station", "name")
        return tuple(self.places[name] for name in wanted if name in self.places)


def read_columns(header: tuple[str, ...]) -> Columns:
    """Return what each column is.

    Raises:
        PayloadError: no column for the time, the station or any pollutant; names the missing.
    """
    places, substances, ignored = dict[str, int](), dict[str, tuple[int, str]](), list[str]()
    stations: dict[str, int] = {}
    for at, name in enumerate(header):
        substance, unit = _substance(name)
        key = _BY_NAME.get(folded(_IN_BRACKETS.sub("", name))) or _BY_NAME.get(folded(name))
        if substance:
            substances.setdefault(substance, (at, unit))
        elif key and key not in places:
            places[key] = at
        elif name:
            stations.setdefault(name, at)
            ignored.append(name)
    wide = "type" in places and not substances and not {"station", "name"} & set(places)
    found = Columns(places, substances, stations if wide else {}, () if wide else tuple(ignored))
    missing = _missing(found)
    if missing:
        near = f"; there are {', '.join(n for n in header[:20] if n)}"
        raise PayloadError(f"not station air quality: no column for {', '.join(missing)}{near}")
    return found


def _missing(columns: Columns) -> list[str]:
    lacking = [] if "time" in columns.places else ["the time (timepoint, 时间)"]
    if columns.wide:
        return lacking
    if not {"station", "name"} & set(columns.places):
        lacking.append("the station (stationcode, 站点)")
    if not columns.substances:
        lacking.append("any pollutant (aqi, pm2_5, pm10, ...)")
    return lacking


def _substance(name: str) -> tuple[str | None, str]:
    """Return the pollutant whose hourly value a column holds, and the unit its name tells."""
    text = unicodedata.normalize("NFKC", name).strip()
    inner = _IN_BRACKETS.search(text)
    unit = inner[1].replace(" ", "").lower() if inner and "/" in inner[1] else ""
    if _AVERAGED.search(_IN_BRACKETS.sub("", text)) or (inner and _AVERAGED.search(inner[1])):
        return None, ""
    bare = _HOURLY.sub("", _IN_BRACKETS.sub("", text).strip())
    found = substance_of(bare) or substance_of(text) or (substance_of(inner[1]) if inner else None)
    return found, unit
