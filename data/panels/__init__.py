"""The payload of each wall panel, built where the facts are written and published with them."""

from data.panels.board import publish_alarms, publish_all, publish_for, publish_moved

__all__ = ["publish_alarms", "publish_all", "publish_for", "publish_moved"]
