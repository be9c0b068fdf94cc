"""What the forms of displays on the sources page are called."""

from __future__ import annotations

from typing import Any

SAID = "screen-said"


def screen_act(screen: Any, act: Any) -> dict[str, Any]:
    """Return the id of a button that names, retires or takes back a display; may be wildcards."""
    return {"type": "screen-act", "screen": screen, "act": act}


def screen_name(screen: Any) -> dict[str, Any]:
    """Return the id of the field with a display's name."""
    return {"type": "screen-name", "screen": screen}
