"""When and where everything of the samples is."""

from __future__ import annotations

from datetime import datetime

from data.vocabulary import LOCAL, Names

NOW = datetime(2026, 11, 22, 14, 32, tzinfo=LOCAL).timestamp()
CITY: Names = {"zh": "河源市", "en": "Heyuan City"}
AREAS: dict[str, Names] = {
    "441600": {"zh": "河源市", "en": "Heyuan"},
    "441602": {"zh": "源城区", "en": "Yuancheng District"},
    "441621": {"zh": "紫金县", "en": "Zijin County"},
    "441622": {"zh": "龙川县", "en": "Longchuan County"},
    "441623": {"zh": "连平县", "en": "Lianping County"},
    "441624": {"zh": "和平县", "en": "Heping County"},
    "441625": {"zh": "东源县", "en": "Dongyuan County"},
    "4416JD": {"zh": "江东新区", "en": "Jiangdong New Area"},
    "4416GX": {"zh": "高新区", "en": "High-tech Zone"},
}
DOMAINS: dict[str, Names] = {
    "public_safety": {"zh": "公共安全", "en": "Public safety"},
    "transport": {"zh": "交通出行", "en": "Transport"},
    "health": {"zh": "卫生健康", "en": "Health"},
    "services": {"zh": "政务服务", "en": "Government services"},
}


def names(zh: str, en: str) -> Names:
    return {"zh": zh, "en": en}
