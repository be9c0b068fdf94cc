"""Masks names of persons and the inner part of home addresses in free text, by pattern.

    姓名：张三丰 -> 姓名：张**      投诉人李四， -> 投诉人李*，
    王小明来电反映 -> 王**来电反映
    张建国先生 -> 张**先生          王先生 stays: a surname alone names nobody
    已联系王小明核实 -> 已联系王**核实
    李建国 138****8000 -> 李** 138****8000
    锦绣花园3栋2单元501室 -> 锦绣花园3栋***

Only where a label, a title, a verb of reporting or of contact, a number of a person or a
building says what follows: a word that merely looks like a name stays. Names in the middle of
a sentence that has none of these are beyond a pattern.
"""

from __future__ import annotations

import re

from data.connectors.surnames import (
    COMMON,
    DOUBLE,
    NO_NAME_AFTER,
    NO_NAMES,
    NOT_CALLERS,
    SINGLE,
    WORDS,
)

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
_REPORTING = "来电|致电|来访|来信|反映|投诉|举报|求助|报警|报案|报称|诉称|自述|上访|信访|咨询|反馈"
_SAYING = "称|表示|要求|说|建议|申请"
_VERBS = re.compile(f"{_REPORTING}|{_SAYING}")
_WHO = (
    "市民|群众|居民|村民|网友|住户|租户|商户|游客|乘客|学生|职工|员工|工人|老人|男子|女子|家属"
    "|根据|据|接到|收到"
)
_BEFORE_VERB = re.compile(
    rf"(?P<label>^|[^{_HAN}*]|{_WHO})(?P<name>{_PLAIN_SURNAME})"
    rf"(?P<given>{_GIVEN}{{1,2}}?(?={_REPORTING})|{_GIVEN}{{2}}(?={_SAYING}))"
)
_CONTACT = "联系|致电|回访|约谈|询问|告知|通知|转告|答复|回复|找到|接待"
_CONTACTS = re.compile(_CONTACT)
_THEN = (
    rf"(?=$|[^{_HAN}*]|处理|核实|本人|了解|确认|反馈|询问|沟通|协商|电话|手机|得知|表示|要求|来电|反映"
    r"|家属|夫妇|夫妻|等人|后[,，]|时[,，]|并)"
)
_AFTER_CONTACT = re.compile(
    rf"(?P<label>(?:{_CONTACT})(?:到|上|了)?)(?P<name>{_PLAIN_SURNAME})"
    rf"(?P<given>{_GIVEN}{{1,2}}?){_THEN}"
)
_SELVES = re.compile("本人|我叫|名叫|我是|自称")
_AFTER_SELF = re.compile(
    rf"(?P<label>本人|我叫|名叫|我是|自称)(?P<name>{_PLAIN_SURNAME})"
    rf"(?P<given>{_GIVEN}{{2}}{_END}|{_GIVEN}(?=$|[^{_HAN}*]))"
)
_NUMBERED = re.compile(r"[0-9]\*{4}")
_BEFORE_NUMBER = re.compile(
    rf"(?P<label>^|[^{_HAN}*])(?P<name>{_PLAIN_SURNAME})(?P<given>{_GIVEN}{{1,2}})"
    r"(?=[ ,，、:：（(]{0,2}(?:联系)?(?:电话|手机|身份证|证件)?[号码]{0,2}[:： ]{0,2}"
    r"(?:1[3-9][0-9]\*{4}|[1-9][0-9]{5}\*{6}))"
)
_GUESSED = frozenset({_BEFORE_VERB, _AFTER_CONTACT, _AFTER_SELF, _BEFORE_NUMBER})
"""Where only what stands around a word makes it a name: words and places must be told apart."""
_NO_PERSON = re.compile(
    "[局所站办委会处科部厅院校队社村镇区县市路街店厂行馆园府组室司庭场州长总工岛营坝客家]$"
    "|主任|书记|经理|老板|教授|律师|会计|阿姨|大爷|大妈|奶奶|爷爷|伯伯|叔叔|大姐|大哥|护士|警官|法官"
    "|师傅|队员|多次|两次|几次|三次|再次|曾|多"
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
    if _CONTACTS.search(text):
        text = _AFTER_CONTACT.sub(_starred, text)
    if _SELVES.search(text):
        text = _AFTER_SELF.sub(_starred, text)
    if _NUMBERED.search(text):
        text = _BEFORE_NUMBER.sub(_starred, text)
    if "先生" in text or "女士" in text or "小姐" in text:
        text = _BEFORE_TITLE.sub(_starred, text)
    return text


def _starred(found: re.Match[str]) -> str:
    name, given = found["name"], found["given"]
    before = found.string[found.start("name") - 1 : found.start("name")]
    word = not found["label"] and before and before in NO_NAME_AFTER.get(name, "")
    if found.re in _GUESSED and _is_word(name, given):
        return found[0]
    if word or _NO_GIVEN.search(given) or name + given[0] in NO_NAMES:
        return found[0]
    return f"{found['label']}{name}{'*' * len(given)}"


def _is_word(name: str, given: str) -> bool:
    """Return whether what looks like a name begins as a word, or ends as an office or a place."""
    whole = name + given
    return whole in NOT_CALLERS or whole[:2] in WORDS or bool(_NO_PERSON.search(given))


def mask_rooms(text: str) -> str:
    """Return `text` with home addresses cut at the building."""
    if not _INDOORS.search(text):
        return text
    for pattern in (_ROOM, _DOOR):
        text = pattern.sub(lambda found: f"{found['building']}***", text)
    return text
