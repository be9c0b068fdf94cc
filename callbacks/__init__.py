"""Which event redraws what. No SQL, no maths, no html."""
