"""One check in front of every address: who may ask what, how large, how often, from which page.

Nothing is let through that was not declared: a callback without a page has no role and the start
refuses it; an envelope that is not the one Dash would send is 400, another's page 401 or 403,
another site 403, too large 413, no JSON 415, too often 429. See docs/security.md.
"""
