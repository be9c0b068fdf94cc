"""Masks names of persons and the inner part of home addresses in free text, by pattern.

    姓名：张三丰 -> 姓名：张**      投诉人李四， -> 投诉人李*，
    王小明来电反映 -> 王**来电反映
    张建国先生 -> 张**先生          王先生 stays: a surname alone names nobody
    锦绣花园3栋2单元501室 -> 锦绣花园3栋***

Only where a label, a title or a building says what follows: a word that merely looks like a
name stays. Names without either are beyond a pattern.
"""

from __future__ import annotations

import re

from data.connectors.surnames import COMMON, DOUBLE, NO_NAME_AFTER, NO_NAMES, NOT_CALLERS, SINGLE

_HAN = "\u4e00-\u9fff"
_LABEL = (
    "姓名|联系人|投诉人|举报人|当事人|患者|病人|报警人|申请人|来电人|来访人|反映人|求助人|诉求人|"
    "户主|业主|房东|租客|法定代表人|法人代表|负责人|死者|伤者|驾驶员|司机|车主|家长|受害人|嫌疑人|"
    "被投诉人|被举报人|经办人|报案人|联络人|收件人"
)
_SURNAME = f"(?:{'|'.join(DOUBLE)}|[{''.join(sorted(SINGLE))}])"
_PLAIN_SURNAME = f"(?:{'|'.join(DOUBLE)}|[{''.join(sorted(COMMON))}])"
_END = (
    r"(?!\*)(?=$|[^\u4e00-\u9fff]|先生|女士|小姐|同志|称|说|反映|表示|来电|致电|报警|投诉|举报|要求|的|电话|手机|"
    r"身份证|联系|住|居住|家住|现住|，|。|于\d|在|到|因|已|被|向|以及|和|与|等)"
)
_GIVEN = f"[{_HAN}]"
_LABELS = re.compile(_LABEL)
_AFTER_COLON = re.compile(
    rf"(?P<label>(?:{_LABEL})(?:姓名)?\s?(?:[:：]|是|为|叫|名叫)\s?)"
    rf"(?P<name>{_SURNAME})(?P<given>{_GIVEN}{{1,2}}?{_END}|(?![某*]){_GIVEN}{{2}}(?!{_GIVEN}))"
)
_AFTER_LABEL = re.compile(
    rf"(?P<label>{_LABEL})(?P<name>{_PLAIN_SURNAME})(?P<given>{_GIVEN}{{1,2}}?{_END})"
)
_BEFORE_TITLE = re.compile(
    rf"(?P<label>)(?P<name>{_SURNAME})(?P<given>{_GIVEN}{{1,2}}?)(?=先生|女士|小姐)"
)
_VERBS = re.compile("来电|致电|来访|来信|反映|投诉|举报|求助")
_BEFORE_VERB = re.compile(
    rf"(?P<label>^|[^{_HAN}*]|市民|群众|居民|村民|网友)"
    rf"(?P<name>{_PLAIN_SURNAME})(?P<given>{_GIVEN}{{1,2}}?)"
    r"(?=来电|致电|来访|来信|反映|投诉|举报|求助)"
)
_NO_GIVEN = re.compile(
    "先生|女士|小姐|同志|老师|医生|师傅|某|本人|反映|投诉|来电|电话|方便|市民|居民|群众|业主|一位|这位|那位"
    "|位|名|的|是|和|与|有|在|说|称|请|到|为|给|对|向|被|把|让|叫|找|于|年|月|日|时|分|人|等|已|未|无|不"
)
_NUMBER = "[0-9０-９A-Za-zＡ-Ｚａ-ｚ一二三四五六七八九十]"
_DIGIT = "[0-9０-９]"
_INDOORS = re.compile("单元|[室房栋幢座]|号楼|花园|小区|公寓|家园|新村|新城|苑|豪庭|雅居|名庭")
_ROOM = re.compile(
    rf"(?P<building>(?:{_NUMBER}{{1,4}}(?:幢|栋|座|号楼))"
    r"|(?:花园|小区|公寓|家园|新村|新城|苑|豪庭|雅居|名庭))"
    rf"[ ,，、-]?(?P<room>"
    rf"{_NUMBER}{{1,3}}(?:单元|梯)(?:[ -]?{_NUMBER}{{1,3}}(?:楼|层))?"
    rf"(?:[ -]?{_DIGIT}{{2,4}}(?:号房|室|房|号)?)?"
    rf"|(?:{_NUMBER}{{1,3}}(?:楼|层)[ -]?)?{_DIGIT}{{3,4}}(?:号房|室|房|号)"
    rf"|(?:{_DIGIT}{{1,2}}-)?{_DIGIT}{{3,4}}(?![{_HAN}0-9０-９.%])"
    rf")(?!{_DIGIT})"
)
_DOOR = re.compile(
    rf"(?P<building>{_NUMBER}{{1,3}}单元)[ -]?(?P<room>{_DIGIT}{{2,4}}(?:号房|室|房|号))"
)


def mask_names(text: str) -> str:
    """Return `text` with given names starred where a label or a title tells a name."""
    if _LABELS.search(text):
        text = _AFTER_LABEL.sub(_starred, _AFTER_COLON.sub(_starred, text))
    if _VERBS.search(text):
        text = _BEFORE_VERB.sub(_starred, text)
    if "先生" in text or "女士" in text or "小姐" in text:
        text = _BEFORE_TITLE.sub(_starred, text)
    return text


def _starred(found: re.Match[str]) -> str:
    name, given = found["name"], found["given"]
    before = found.string[found.start("name") - 1 : found.start("name")]
    word = not found["label"] and before and before in NO_NAME_AFTER.get(name, "")
    if found.re is _BEFORE_VERB and name + given in NOT_CALLERS:
        return found[0]
    if word or _NO_GIVEN.search(given) or name + given[0] in NO_NAMES:
        return found[0]
    return f"{found['label']}{name}{'*' * len(given)}"


def mask_rooms(text: str) -> str:
    """Return `text` with home addresses cut at the building."""
    if not _INDOORS.search(text):
        return text
    for pattern in (_ROOM, _DOOR):
        text = pattern.sub(lambda found: f"{found['building']}***", text)
    return text
