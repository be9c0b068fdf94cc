"""Bytes to facts, in one transaction: fetch, run, refused rows, facts, roll-ups, panels."""
