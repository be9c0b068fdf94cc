"""What the people of the demo city are said to have written, in the language spoken now.

People write in one language and are shown as they wrote; only the demo's own entries are known.
"""

from __future__ import annotations

from components.i18n import N_, _

DEMO: dict[str, str] = {
    "医院运行数据完整率低于90%": N_("Hospital figures less than 90 % complete"),
    "县级平台接口超时，部分时段数据未上报": N_(
        "The county platform times out: some hours are not reported"
    ),
    "市卫健局信息科": N_("Health Commission, Information Section"),
    "市公安局尚无自有数据源，指标经粤平安报送": N_(
        "The Public Security Bureau has no source of its own: its indicators come by Yue Ping'an"
    ),
    "待接入警情汇总数据": N_("The summary of police calls is still to be connected"),
    "市公安局科技信息化科": N_("Public Security Bureau, Technology Section"),
    "公交车辆定位中断超过一天": N_("Bus positions missing for more than a day"),
    "车载终端专线故障": N_("The line of the on-board units had failed"),
    "市交通运输局智慧交通科": N_("Transport Bureau, Smart Transport Section"),
    "专线已恢复，连续三天完整率达标": N_("The line is back; complete enough three days running"),
    "演示数据": N_("Demo data"),
}
"""By what the demo stores."""


def told(text: str) -> str:
    """Return what somebody wrote; the demo's own words in the language spoken now."""
    return _(DEMO[text]) if text in DEMO else text
