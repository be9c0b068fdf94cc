"""Air pollutants: how they are written, in which unit they are kept, how units convert."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

MICROGRAM, MILLIGRAM, INDEX = "µg/m³", "mg/m³", "index"

UNITS = {
    "aqi": INDEX,
    "pm25": MICROGRAM,
    "pm10": MICROGRAM,
    "o3": MICROGRAM,
    "no2": MICROGRAM,
    "so2": MICROGRAM,
    "co": MILLIGRAM,
}
"""The unit each substance is kept in: those of GB 3095 and HJ 633."""

LIMITS = {"aqi": 500.0, "co": 500.0}
OTHER_LIMIT = 10_000.0
"""Above this no instrument of a station reads: the value is a fault."""

MOLAR_MASS = {"o3": 47.998, "no2": 46.0055, "so2": 64.066, "co": 28.010, "no": 30.006}
"""g/mol. Particles have none: a share of volume says nothing of their mass."""

_NAMES = {
    "aqi": ("aqi", "空气质量指数", "空气质量指数aqi", "aqi指数"),
    "pm25": ("pm25", "细颗粒物", "细颗粒物pm25", "pm25浓度", "pm25细颗粒物"),
    "pm10": ("pm10", "可吸入颗粒物", "可吸入颗粒物pm10", "颗粒物", "颗粒物pm10", "pm10浓度"),
    "o3": ("o3", "臭氧", "臭氧o3", "o3浓度", "ozone"),
    "no2": ("no2", "二氧化氮", "二氧化氮no2", "no2浓度"),
    "so2": ("so2", "二氧化硫", "二氧化硫so2", "so2浓度"),
    "co": ("co", "一氧化碳", "一氧化碳co", "co浓度"),
}
_BY_NAME = {name: substance for substance, names in _NAMES.items() for name in names}
_JOINTS = str.maketrans("", "", " \t_-.·()（）")
_UNIT_NAMES = {
    "µg/m3": ("µg/m³", 1.0),
    "μg/m3": ("µg/m³", 1.0),
    "ug/m3": ("µg/m³", 1.0),
    "微克/立方米": ("µg/m³", 1.0),
    "mg/m3": ("µg/m³", 1000.0),
    "毫克/立方米": ("µg/m³", 1000.0),
    "ng/m3": ("µg/m³", 0.001),
    "ppm": ("ppm", 1.0),
    "ppb": ("ppm", 0.001),
}


@dataclass(frozen=True)
class GasState:
    """At which state a source turns shares of volume into masses; China's is 25 °C, 1013.25 hPa."""

    celsius: float
    hectopascal: float


class UnitError(ValueError):
    """The value cannot be brought into the unit it is kept in."""


def substance_of(name: str) -> str | None:
    """Return the key of a pollutant however its name is written, None for another one."""
    plain = unicodedata.normalize("NFKC", name).lower().translate(_JOINTS)
    return _BY_NAME.get(plain)


def substances_in(text: str) -> tuple[str, ...]:
    """Return the pollutants that a cell names: two are parted by a comma or the like."""
    parts = re.split(r"[,，、;；/|+]|\s+", text)
    return tuple(dict.fromkeys(s for p in parts if (s := substance_of(p))))


def converted(substance: str, value: float, unit: str, state: GasState | None) -> float:
    """Return `value` in the unit of UNITS[substance].

    Raises:
        UnitError: unknown unit, or a share of volume without a declared state.
    """
    plain = unicodedata.normalize("NFKC", unit).replace(" ", "").lower().replace("μ", "µ")
    known = _UNIT_NAMES.get(plain) or _UNIT_NAMES.get(plain.replace("µ", "u"))
    if substance == "aqi" or known is None:
        raise UnitError(f"{unit[:20]!r} is no unit of {substance}")
    base, factor = known
    micrograms = value * factor
    if base == "ppm":
        micrograms = _mass(substance, micrograms, state)
    return micrograms / 1000 if UNITS[substance] == MILLIGRAM else micrograms


def _mass(substance: str, ppm: float, state: GasState | None) -> float:
    if substance not in MOLAR_MASS:
        raise UnitError(f"{substance} has no share of volume")
    if state is None:
        raise UnitError("ppm and µg/m³ convert only at a declared temperature and pressure")
    litres = 22.414 * (273.15 + state.celsius) / 273.15 * 1013.25 / state.hectopascal
    return ppm * MOLAR_MASS[substance] / litres * 1000
