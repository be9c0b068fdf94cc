"""The mathematics of indicators: value, normal band, state. Pure."""
