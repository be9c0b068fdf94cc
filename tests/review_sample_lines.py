"""The tables behind the sample of a weekly review."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from data.vocabulary import Names
from data.vocabulary.review_terms import Signal, SpcRule

WEEK, AREA = "2026-W47", "441600"
FIRST, LAST = date(2026, 11, 16), date(2026, 11, 22)
AS_OF = datetime(2026, 11, 23, 0, 40, tzinfo=UTC).timestamp()
COUNTIES = (
    ("441602", "源城", "Yuancheng"),
    ("441621", "紫金", "Zijin"),
    ("441622", "龙川", "Longchuan"),
    ("441623", "连平", "Lianping"),
    ("441624", "和平", "Heping"),
    ("441625", "东源", "Dongyuan"),
    ("4416JD", "江东", "Jiangdong"),
    ("4416GX", "高新", "High-tech"),
)
TOWNS = (
    ("441602001", "上城街道", "Shangcheng"),
    ("441602101", "埔前镇", "Puqian"),
    ("441621100", "紫城镇", "Zicheng"),
    ("441621106", "凤安镇", "Feng'an"),
    ("441622100", "老隆镇", "Laolong"),
    ("441622102", "义都镇", "Yidou"),
)
DOMAINS = {
    "public_safety": Names(zh="公共安全", en="Public safety"),
    "transport": Names(zh="交通出行", en="Transport"),
    "health": Names(zh="卫生健康", en="Health"),
    "services": Names(zh="政务服务", en="Services"),
    "ecology": Names(zh="生态环境", en="Environment"),
}
DEPARTMENTS = {
    "psb": Names(zh="市公安局", en="Police"),
    "politics_law": Names(zh="市委政法委", en="Political & Legal"),
    "fire": Names(zh="市消防救援支队", en="Fire and Rescue"),
    "emergency": Names(zh="市应急管理局", en="Emergency"),
    "traffic_police": Names(zh="市公安局交警支队", en="Traffic Police"),
    "transport": Names(zh="市交通运输局", en="Transport Bureau"),
    "health": Names(zh="市卫生健康局", en="Health Bureau"),
    "dsb": Names(zh="市政数局", en="Gov Services"),
    "city_mgmt": Names(zh="市城管执法局", en="City Management"),
    "housing": Names(zh="市住房城乡建设局", en="Housing"),
    "reform": Names(zh="市发展改革局", en="Reform Bureau"),
    "ecology": Names(zh="市生态环境局", en="Environment"),
}
SOURCES = {
    "yuepingan": Names(zh="粤平安综治平台", en="Yue Ping'an platform"),
    "hotline": Names(zh="12345热线", en="12345 hotline"),
    "approvals": Names(zh="并联审批平台", en="Parallel approvals"),
    "bus_trips": Names(zh="公交到站预报", en="Bus trip updates"),
    "bus_vehicles": Names(zh="公交车辆定位", en="Bus positions"),
    "health_capacity": Names(zh="卫生资源上报", en="Health capacity"),
    "air_quality": Names(zh="空气质量站", en="Air stations"),
}
COUNT, SHARE, MEAN = "sum", "ratio", "mean"
COMMON, BETTER, WORSE = Signal.COMMON, Signal.IMPROVEMENT, Signal.CONCERN

# code, domain, zh, en, unit zh, unit en, decimals, direction, kind, department, source, value,
# usual, spread, n, floor(+) or ceiling(-), signal, rule, strength
LINES: list[tuple[Any, ...]] = [
    ("PS-09", "public_safety", "电信网络诈骗警情", "Telecom and online fraud calls", "起", "calls",
     0, "lower", COUNT, "psb", "yuepingan", 61, 42, 5.2, None, None, WORSE, SpcRule.OUTSIDE, 3.7),
    ("PS-24", "public_safety", "矛盾纠纷按期化解率", "Disputes settled on time", "%", "%",
     1, "higher", SHARE, "politics_law", "yuepingan", 88.4, 93.1, 1.9, 129, 95, WORSE,
     SpcRule.SHIFT, 2.5),
    ("PS-03", "public_safety", "治安类警情", "Public-order calls", "起", "calls",
     0, "lower", COUNT, "psb", "yuepingan", 206, 229, 9.8, None, None, BETTER, SpcRule.SHIFT, 2.3),
    ("PS-01", "public_safety", "110有效警情", "Valid 110 calls", "起", "calls",
     0, "neutral", COUNT, "psb", "yuepingan", 1124, 1108, 31, None, None, COMMON, None, 0),
    ("PS-02", "public_safety", "刑事类警情", "Criminal calls", "起", "calls",
     0, "lower", COUNT, "psb", "yuepingan", 84, 86, 8.1, None, None, COMMON, None, 0),
    ("PS-14", "public_safety", "火灾起数", "Fires reported", "起", "fires",
     0, "lower", COUNT, "fire", "yuepingan", 14, 12, 3.2, None, None, COMMON, None, 0),
    ("PS-25", "public_safety", "网格事件按期办结率", "Grid events closed on time", "%", "%",
     1, "higher", SHARE, "politics_law", "yuepingan", 97.4, 97.2, 0.6, 1874, 98, COMMON, None, 0),
    ("TR-24", "transport", "满载车辆占比", "Crowded buses", "%", "%",
     1, "lower", SHARE, "transport", "bus_vehicles", 17.6, 13.2, 1.3, 40211, -20, WORSE,
     SpcRule.TREND, 3.1),
    ("TR-01", "transport", "公交准点率", "Bus punctuality", "%", "%",
     1, "higher", SHARE, "transport", "bus_trips", 87.9, 84.6, 1.0, 51230, 85, BETTER,
     SpcRule.SHIFT, 2.9),
    ("TR-02", "transport", "公交班次执行率", "Bus trips run", "%", "%",
     1, "higher", SHARE, "transport", "bus_trips", 98.8, 98.9, 0.2, 52044, 99, COMMON, None, 0),
    ("TR-12", "transport", "道路交通事故", "Road crashes", "起", "crashes",
     0, "lower", COUNT, "traffic_police", "yuepingan", 173, 168, 11, None, None, COMMON, None, 0),
    ("TR-15", "transport", "122交通警情", "122 traffic calls", "起", "calls",
     0, "neutral", COUNT, "traffic_police", "yuepingan", 402, 396, 21, None, None, COMMON, None, 0),
    ("HE-13", "health", "流感样病例占比", "Influenza-like share", "%", "%",
     1, "lower", SHARE, "health", "health_capacity", 6.2, 4.1, 0.5, 18320, -5, WORSE,
     SpcRule.OUTSIDE, 4.2),
    ("HE-22", "health", "急救平均反应时间", "Mean ambulance response", "分钟", "min",
     1, "lower", MEAN, "health", "health_capacity", 13.6, 13.4, 0.5, 612, -15, COMMON, None, 0),
    ("HE-02", "health", "120三分钟出车率", "Ambulance rolling in 3 min", "%", "%",
     1, "higher", SHARE, "health", "health_capacity", 94.1, 94.8, 1.1, 633, 95, COMMON, None, 0),
    ("HE-05", "health", "病床使用率", "Bed occupancy", "%", "%",
     1, "range", SHARE, "health", "health_capacity", 84.7, 84.1, 1.4, 8820, None, COMMON, None, 0),
    ("HE-10", "health", "急诊滞留超6小时", "Emergency stays over 6 h", "人次", "stays",
     0, "lower", COUNT, "health", "health_capacity", 74, 70, 6.4, None, None, COMMON, None, 0),
    ("GS-36", "services", "工单平均办理时长", "Mean handling time", "小时", "h",
     1, "lower", MEAN, "dsb", "hotline", 71.4, 64.0, 2.6, 2417, None, WORSE,
     SpcRule.TWO_OF_THREE, 2.1),
    ("GS-07", "services", "工单按时办结率", "Tickets closed on time", "%", "%",
     1, "higher", SHARE, "dsb", "hotline", 91.6, 92.0, 1.2, 2388, 98, COMMON, None, 0),
    ("GS-04", "services", "12345受理量", "12345 requests", "件", "requests",
     0, "neutral", COUNT, "dsb", "hotline", 2511, 2466, 74, None, None, COMMON, None, 0),
    ("GS-33", "services", "城市管理类诉求", "City-management requests", "件", "requests",
     0, "neutral", COUNT, "city_mgmt", "hotline", 655, 640, 28, None, None, COMMON, None, 0),
    ("GS-34", "services", "水电气诉求", "Utility requests", "件", "requests",
     0, "lower", COUNT, "housing", "hotline", 171, 168, 14, None, None, COMMON, None, 0),
    ("GS-32", "services", "并联审批按期办结率", "Approvals closed on time", "%", "%",
     1, "higher", SHARE, "reform", "approvals", 100.0, 94.0, 4.6, 9, 95, COMMON, None, 0),
    ("EC-02", "ecology", "PM2.5浓度", "PM2.5", "µg/m³", "µg/m³",
     0, "lower", MEAN, "ecology", "air_quality", 24, 22, 3.4, 2184, -35, COMMON, None, 0),
    ("EC-08", "ecology", "空气优良站点占比", "Stations with good air", "%", "%",
     1, "higher", SHARE, "ecology", "air_quality", 96.8, 97.0, 1.6, 2184, 90, COMMON, None, 0),
    ("EC-04", "ecology", "臭氧浓度", "Ozone", "µg/m³", "µg/m³",
     0, "lower", MEAN, "ecology", "air_quality", None, 61, 6.0, None, -160, COMMON, None, 0),
]  # fmt: skip


def line_of(code: str) -> tuple[Any, ...]:
    """Return the line of an indicator."""
    return next(line for line in LINES if line[0] == code)
