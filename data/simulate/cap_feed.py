"""Writes warnings as CAP 1.2 inside an Atom feed, each in Chinese and English."""

from __future__ import annotations

from xml.sax.saxutils import escape

from data.catalogue import catalogue
from data.simulate.rhythm import iso, local
from data.simulate.scenario import Story
from data.simulate.warnings import Chain, Step, chains, identifier
from data.vocabulary import Names

SENDER = "warnings@heyuan.example"
_CAP = "urn:oasis:names:tc:emergency:cap:1.2"
_SEVERITY = {1: "Extreme", 2: "Severe", 3: "Moderate", 4: "Minor"}
_COLOUR: dict[int, Names] = {
    1: {"zh": "红色", "en": "Red"},
    2: {"zh": "橙色", "en": "Orange"},
    3: {"zh": "黄色", "en": "Yellow"},
    4: {"zh": "蓝色", "en": "Blue"},
}
_ROMAN = {"I": "Ⅰ", "II": "Ⅱ", "III": "Ⅲ", "IV": "Ⅳ"}
_VERB: dict[str, Names] = {
    "Alert": {"zh": "发布", "en": "issued"},
    "Update": {"zh": "更新", "en": "updated"},
    "Cancel": {"zh": "解除", "en": "cancelled"},
}


def warnings_atom(seed: int, now: float, story: Story) -> bytes:
    """Return the feed of warnings as it stands; unchanged content gives the same bytes."""
    entries = [(c, k, s) for c in chains(seed, now, story) for k, s in enumerate(c.told(now))]
    entries.sort(key=lambda e: (-e[2].sent, e[0].key))
    updated = iso(entries[0][2].sent if entries else int(now) // 86400 * 86400)
    body = "".join(_entry(chain, place, step) for chain, place, step in entries)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n'
        "<id>urn:heyuan:demo:warnings</id>\n<title>河源市预警信息（演示数据 DEMO）</title>\n"
        f"<updated>{updated}</updated>\n<author><name>{SENDER}</name></author>\n{body}</feed>\n"
    ).encode()


def _entry(chain: Chain, place: int, step: Step) -> str:
    name, title = identifier(chain, step), headline(chain, step, "zh")
    return (
        f"<entry><id>urn:heyuan:demo:{escape(name)}</id><title>{escape(title)}</title>"
        f'<updated>{iso(step.sent)}</updated><content type="text/xml">'
        f"{_alert(chain, place, step)}</content></entry>\n"
    )


def _alert(chain: Chain, place: int, step: Step) -> str:
    before = " ".join(f"{SENDER},{identifier(chain, s)},{iso(s.sent)}" for s in chain.steps[:place])
    references = f"<references>{before}</references>" if before else ""
    infos = "".join(_info(chain, step, language) for language in ("zh", "en"))
    return (
        f'<alert xmlns="{_CAP}"><identifier>{identifier(chain, step)}</identifier>'
        f"<sender>{SENDER}</sender><sent>{iso(step.sent)}</sent><status>Actual</status>"
        f"<msgType>{step.action}</msgType><scope>Public</scope>"
        f"<note>演示数据 DEMO</note>{references}{infos}</alert>"
    )


def event(chain: Chain, language: str) -> str:
    """Return what is warned of, e.g. 暴雨 or 防汛Ⅳ级应急响应."""
    name = chain.event["zh"] if language == "zh" else chain.event["en"]
    if not chain.response:
        return name
    if language == "zh":
        return f"{name}{_ROMAN[chain.response]}级应急响应"
    return f"{name} emergency response level {chain.response}"


def headline(chain: Chain, step: Step, language: str) -> str:
    """Return the line of the message, e.g. 东源县发布暴雨黄色预警信号."""
    zh = language == "zh"
    names = [catalogue().areas[c].name for c in chain.areas if catalogue().areas[c].statutory]
    verb, colour = _VERB[step.action], _COLOUR[step.level]
    if chain.response:
        if zh:
            return f"河源市{'启动' if step.action == 'Alert' else verb['zh']}{event(chain, 'zh')}"
        return f"Heyuan: {event(chain, 'en')} {verb['en']}"
    if zh:
        places = "、".join(n["zh"] for n in names)
        return f"{places}{verb['zh']}{event(chain, 'zh')}{colour['zh']}预警信号"
    places = ", ".join(n["en"] for n in names)
    return f"{colour['en']} {event(chain, 'en').lower()} warning {verb['en']} for {places}"


def _info(chain: Chain, step: Step, language: str) -> str:
    zh = language == "zh"
    cancel = step.action == "Cancel"
    parameter = ("ResponseLevel", chain.response) if chain.response else _colour(step, language)
    time = local(step.sent)
    text = (
        f"{time:%Y年%m月%d日%H时%M分}{headline(chain, step, language)}，请注意防范。（演示数据）"
        if zh
        else f"{time:%Y-%m-%d %H:%M} {headline(chain, step, language)}. (Demo data)"
    )
    sender = "河源市突发事件预警信息发布中心" if zh else "Heyuan warning centre"
    return (
        f"<info><language>{'zh-CN' if zh else 'en-US'}</language>"
        f"<category>{'Safety' if chain.response else 'Met'}</category>"
        f"<event>{escape(event(chain, language))}</event>"
        f"<responseType>{'AllClear' if cancel else 'Prepare'}</responseType>"
        f"<urgency>{'Past' if cancel else 'Expected'}</urgency>"
        f"<severity>{_SEVERITY[step.level]}</severity><certainty>Likely</certainty>"
        f"<effective>{iso(step.sent)}</effective><expires>{iso(step.expires)}</expires>"
        f"<senderName>{sender}</senderName><headline>{escape(headline(chain, step, language))}"
        f"</headline><description>{escape(text)}</description>"
        f"<parameter><valueName>{parameter[0]}</valueName><value>{parameter[1]}</value></parameter>"
        f"{''.join(_area(code, zh) for code in chain.areas)}</info>"
    )


def _colour(step: Step, language: str) -> tuple[str, str]:
    colour = _COLOUR[step.level]
    return "ColorLevel", colour["zh"] if language == "zh" else colour["en"]


def _area(code: str, zh: bool) -> str:
    name = catalogue().areas[code].name
    return (
        f"<area><areaDesc>{name['zh'] if zh else name['en']}</areaDesc><geocode>"
        f"<valueName>adcode</valueName><value>{code}</value></geocode></area>"
    )
