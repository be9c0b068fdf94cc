"""Facts: what is measured, stored, asked, decided. Knows nothing of screens.

Read from the bottom up:

    vocabulary, settings   the words; the switches
    catalogue              areas, departments, indicators, sources, as data files
    geo, indicators, cases pure rules: where, how much, which state
    connectors             pure parsers: bytes in, records and problems out
    models, store          tables and the only engine
    rollups, snapshots     derived tables; what the screens are pushed
    queries, panels        questions; the payload of each wall panel
    ingest                 bytes -> facts, in one transaction
    collector, simulate    the two processes beside the web
    cli                    python -m data
"""
