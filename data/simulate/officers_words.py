"""What the made-up officers write. Chinese, as the demo city's other texts; the same every time."""

from __future__ import annotations

from collections.abc import Sequence

VERIFIED = (
    "已与报告人电话核实，情况属实。",
    "经视频巡查核实，位置和情况与报告一致。",
    "已联系属地值班员到场确认，请尽快派单。",
    "报告人补充了现场情况，已随单附上。",
)
PROGRESS = (
    "现场人员已到位，正在按方案处置。",
    "已会同属地开展处置，预计按时完成。",
    "所需设备和人员已调配，处置过半。",
    "已向报告人说明进展，处置仍在进行。",
)
RETURN = (
    "经核对，该事项不在本单位职责范围内，建议改派。",
    "现场位于其他单位管辖范围，申请退回重新派单。",
)
RETURNED = ("情况属实，同意退回，请重新派单。", "同意退回，由值班员按权责清单改派。")
DISPATCH_AGAIN = ("按权责清单改派牵头单位", "退回后重新派单")
EXTENSION = ("需外地调配设备，预计延迟到场，申请延期。", "涉及多部门协调，无法按时办结，申请延期。")
EXTENDED = ("情况属实，同意延期，请抓紧办理。", "同意，须按新的时限办结。")
SUSPENSION = (
    "等待专业机构检测结果，期间无法处置，申请挂起。",
    "需待上级部门批复后继续，申请挂起。",
)
SUSPENDED = ("同意挂起，请按期复核。",)
RESUME = ("挂起事由已消除，恢复办理。",)
REPORT = (
    "处置完毕，现场已恢复正常，已拍照留存。",
    "现场处置结束，隐患已消除，请核查。",
    "问题已解决，已告知报告人处理结果。",
    "已按规程处置完成，后续安排专人跟进。",
)
BAD = ("现场照片显示仍有遗留，请返工。", "报告人反映问题未彻底解决，请继续处置。")
AGAIN = ("已按核查意见整改，遗留问题处置完毕。", "返工完成，复查无遗留。")
GOOD = ("核查属实，处置到位。", "经回访和视频核查，情况已恢复。")
EXCLUDED = ("报告人要求不予回访",)
TASK = ("已完成协办任务，现场移交牵头单位。", "协办事项办结，无遗留。")
SKIPPED = ("现场不具备该步骤条件，经研判跳过。",)


def one(phrases: Sequence[str], draw: float) -> str:
    """Return the phrase at a share (0 to 1) of the list."""
    return phrases[min(int(draw * len(phrases)), len(phrases) - 1)]
