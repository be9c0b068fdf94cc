"""The stories that can be played. ** To add one, add it to SCENARIOS. ** Times in seconds."""

from __future__ import annotations

from data.simulate.scenario import Bulletin, Corruption, Outage, Scenario, Scripted
from data.vocabulary import Names

_RAIN: Names = {"zh": "暴雨", "en": "Rainstorm"}
_FLOOD: Names = {"zh": "防汛", "en": "Flood control"}
_WET = ("441625", "441624", "441623", "441622")
_BUS = ("/gtfs-rt/vehicle-positions.pb", "/gtfs-rt/trip-updates.pb", "/gtfs-rt/service-alerts.pb")

_RAIN_MATTERS = (
    Scripted(60, "flood_risk", 2, "441625", "山塘渗漏险情 · 群众已转移 41 人"),
    Scripted(75, "road_blocked", 3, "441622", "国道205线塌方 · 半幅封闭"),
    Scripted(90, "bus_disruption", 3, "441602", "公交准点率低于 88% · 3号线绕行"),
    Scripted(105, "utility_outage", 4, "441624", "{town}停水 1200 户"),
    Scripted(120, "geohazard", 2, "441624", "屋后山体滑坡 · 转移 26 人"),
    Scripted(150, "flood_risk", 2, "441623", "河堤管涌险情 · 抢险队已到场"),
    Scripted(165, "school_bus", 4, "441625", "校车轻微碰撞 · 无人员受伤"),
    Scripted(180, "hospital_overload", 3, "441622", "急诊涌入外伤 18 人 · 启动院内调配"),
    Scripted(210, "road_blocked", 2, "441625", "长深高速连接线水浸 · 双向中断"),
    Scripted(240, "hazmat", 1, "441625", "槽罐车翻覆泄漏 · 下游转移"),
    Scripted(270, "utility_outage", 4, "441623", "配电线路跳闸 · 停电 2300 户"),
    Scripted(300, "geohazard", 2, "441622", "地质灾害点裂缝增大 · 已设警戒"),
    Scripted(345, "bus_disruption", 3, "441622", "县际班线全线停运 · 滞留 160 人"),
    Scripted(420, "flood_risk", 3, "441624", "小型水库超汛限 40 厘米 · 加密巡查"),
    Scripted(540, "hotline_escalated", 3, "441622", "热线督办 · 安置点物资不足"),
)
_RAIN_CALLS = (
    ("police_help", 5.0), ("police_order", 2.0), ("fire_rescue", 9.0), ("fire", 2.0),
    ("traffic_crash", 4.0), ("traffic_jam", 5.0), ("grid_event", 3.0),
    ("hotline_utility", 30.0), ("hotline_city", 14.0), ("hotline_help", 2.5),
)  # fmt: skip
_RAIN_HEALTH = (
    ("visits", "fever-clinic", 1.4), ("visits", "outpatient-emergency", 0.5),
    ("emergency", "stays-6h", 4.0), ("ems-calls", "calls", 3.0), ("ems-calls", "answered-10s", 2.6),
    ("ems-dispatch", "dispatches", 2.6), ("ems-dispatch", "rolling-3min", 2.1),
    ("ems-response", "arrivals", 2.4), ("ems-response", "response-minutes", 4.2),
)  # fmt: skip
_RAIN_STOCK = (
    ("beds", "beds-occupied", 0.13), ("icu", "icu-occupied", 0.16),
    ("blood", "units-stock", -0.48), ("ambulances", "available", -0.6),
)  # fmt: skip

_RAINSTORM = Scenario(
    key="rainstorm",
    name={"zh": "暴雨演练", "en": "Rainstorm drill"},
    curve=((0, 0.4), (60, 0.8), (300, 1.0), (1800, 1.0), (2700, 0.35), (4500, 0.0)),
    areas=_WET,
    calls=_RAIN_CALLS,
    matters=_RAIN_MATTERS,
    bulletins=(
        Bulletin(0, "rain", "Alert", 3, _RAIN, _WET),
        Bulletin(120, "rain", "Update", 2, _RAIN, _WET),
        Bulletin(120, "response", "Alert", 3, _FLOOD, ("441600",), "III"),
        Bulletin(2700, "rain", "Cancel", 2, _RAIN, _WET),
        Bulletin(2700, "response", "Cancel", 3, _FLOOD, ("441600",), "III"),
    ),
    health=_RAIN_HEALTH,
    stock=_RAIN_STOCK,
    late_buses=0.31,
    notices=9,
)

_SOURCE_OUTAGE = Scenario(
    key="source_outage",
    name={"zh": "数据中断演练", "en": "Source outage drill"},
    curve=((0, 1.0), (600, 1.0)),
    outages=(
        Outage(("/fhir/MeasureReport", "/fhir/Location"), 0, 600, 503),
        Outage(_BUS, 0, 600, 504),
    ),
)

_BAD_DATA = Scenario(
    key="bad_data",
    name={"zh": "坏数据演练", "en": "Bad data drill"},
    curve=((0, 1.0), (300, 1.0)),
    corruptions=(
        Corruption(("/open311/yuepingan/requests.json",), 0, 300, "half_bad"),
        Corruption(("/open311/hotline/requests.xml",), 0, 300, "truncated"),
        Corruption(("/open311/approvals/requests.json",), 0, 300, "wrong_kind"),
        Corruption(("/fhir/MeasureReport",), 0, 300, "truncated"),
        Corruption(("/gtfs-rt/trip-updates.pb",), 0, 300, "wrong_kind"),
        Corruption(("/gtfs-rt/vehicle-positions.pb",), 0, 300, "truncated"),
        Corruption(("/cap/warnings.atom",), 0, 300, "truncated"),
    ),
)

_TYPES: tuple[Names, ...] = (
    {"zh": "雷雨大风", "en": "Thunderstorm gale"},
    {"zh": "雷电", "en": "Lightning"},
    {"zh": "冰雹", "en": "Hail"},
    {"zh": "大雾", "en": "Fog"},
    {"zh": "森林火险", "en": "Forest fire danger"},
)
_ALL = ("441602", "441621", "441622", "441623", "441624", "441625")
_TOLD = (
    ("public_order_risk", 3, "群租房消防隐患 · 复查未通过"),
    ("road_blocked", 3, "省道253线倒树 · 清障中"),
    ("utility_outage", 4, "供水主管爆裂 · 抢修中"),
    ("hospital_overload", 4, "急诊滞留超 6 小时 5 人"),
    ("hotline_escalated", 4, "热线督办 · 路灯不亮 31 盏"),
    ("geohazard", 2, "切坡建房边坡垮塌 · 无人员伤亡"),
    ("school_bus", 4, "校车晚点 25 分钟 · 已联系家长"),
    ("work_accident", 2, "厂房配电间起火 · 已扑灭待调查"),
)

_FLOOD_OF_ALERTS = Scenario(
    key="flood_of_alerts",
    name={"zh": "告警洪泛演练", "en": "Alert flood drill"},
    curve=((0, 0.3), (60, 1.0), (900, 1.0), (1800, 0.0)),
    areas=_ALL,
    calls=(("police_help", 3.0), ("grid_event", 6.0), ("hotline_city", 6.0)),
    matters=tuple(
        Scripted(20 + 12 * n, _TOLD[n % 8][0], _TOLD[n % 8][1], _ALL[n % 6], _TOLD[n % 8][2])
        for n in range(48)
    ),
    bulletins=tuple(
        Bulletin(10 * n + after, f"many{n}", action, 2 + n % 3, _TYPES[n % 5], (_ALL[n % 6],))
        for n in range(24)
        for action, after in (("Alert", 0), ("Cancel", 1500))
    ),
    late_buses=0.1,
    notices=14,
)

SCENARIOS = {s.key: s for s in (_RAINSTORM, _SOURCE_OUTAGE, _BAD_DATA, _FLOOD_OF_ALERTS)}
