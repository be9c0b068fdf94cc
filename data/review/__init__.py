"""The weekly review: what really changed, who has it, what weakens the page. Pure rules."""
