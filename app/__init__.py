"""WHAT RUNS: composition and delivery; no business rule lives here."""
