"""Rules of data quality: rhythm, shares, values, places, totals. Pure: no store, no clock."""
