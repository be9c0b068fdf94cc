"""Look at what the stage's rules ask for; decide about it; write down statutory response levels."""

from data.commands.stage.deciding import decide_stage
from data.commands.stage.look import look
from data.commands.stage.responding import change_response, end_response, start_response
from data.commands.stage.rules import decide_stage_rule, propose_stage_rule

__all__ = [
    "change_response",
    "decide_stage",
    "decide_stage_rule",
    "end_response",
    "look",
    "propose_stage_rule",
    "start_response",
]
