"""The periodic look at data quality: small steps over what is new, findings kept in a book."""
