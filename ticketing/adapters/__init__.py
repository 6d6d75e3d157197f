"""Adapters: the only place in `ticketing` where vendors are imported."""
