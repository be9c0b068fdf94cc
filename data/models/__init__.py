"""The tables. Instants are UTC; day, week and month buckets are local calendar dates."""

from data.models.accounts import account, audit, saved_view
from data.models.api import api_push, api_token
from data.models.cases import case_event, cases
from data.models.columns import instants, metadata
from data.models.debts import data_debt, data_debt_event
from data.models.facts import (
    latest,
    observation,
    observation_history,
    rollup_day,
    rollup_hour,
    rollup_month,
    rollup_week,
)
from data.models.intake import fetch, ingest_run, quarantine, source, source_state
from data.models.live import (
    baseline,
    lease,
    live_rev,
    panel_snapshot,
    store_info,
    watched_area,
)
from data.models.loading import fetch_part, rollup_due
from data.models.loop import (
    case_approval,
    case_clock,
    case_link,
    case_step,
    case_task,
    duty_version,
    handover,
    ownership_item,
    sop_version,
    supervision_card,
    supervision_event,
)
from data.models.quality import correction, quality_finding, reception, rhythm, streak
from data.models.reference import (
    area,
    area_closure,
    category,
    department,
    domain,
    indicator,
    indicator_version,
    target,
)
from data.models.transit import (
    facility,
    transit_route,
    transit_route_stop,
    transit_stop,
    transit_trip_day,
)
from data.models.warnings import external_alert, external_alert_area

__all__ = [
    "account",
    "api_push",
    "api_token",
    "area",
    "area_closure",
    "audit",
    "baseline",
    "case_approval",
    "case_clock",
    "case_event",
    "case_link",
    "case_step",
    "case_task",
    "cases",
    "category",
    "correction",
    "data_debt",
    "data_debt_event",
    "department",
    "domain",
    "duty_version",
    "external_alert",
    "external_alert_area",
    "facility",
    "fetch",
    "fetch_part",
    "handover",
    "indicator",
    "indicator_version",
    "ingest_run",
    "instants",
    "latest",
    "lease",
    "live_rev",
    "metadata",
    "observation",
    "observation_history",
    "ownership_item",
    "panel_snapshot",
    "quality_finding",
    "quarantine",
    "reception",
    "rhythm",
    "rollup_day",
    "rollup_due",
    "rollup_hour",
    "rollup_month",
    "rollup_week",
    "saved_view",
    "sop_version",
    "source",
    "source_state",
    "store_info",
    "streak",
    "supervision_card",
    "supervision_event",
    "target",
    "transit_route",
    "transit_route_stop",
    "transit_stop",
    "transit_trip_day",
    "watched_area",
]
