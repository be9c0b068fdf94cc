"""A living, made-up Heyuan that speaks the real formats. For demonstrations only.

Nothing here is real data. The same seed and instant give the same bytes, in any
process: every draw comes from a generator keyed by seed, subject and local day.
"""
