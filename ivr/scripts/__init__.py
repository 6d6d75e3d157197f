"""Live call scripts: one coroutine per call, read top to bottom."""
