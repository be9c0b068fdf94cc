"""Questions, one function each. Every function takes a connection; none writes."""
