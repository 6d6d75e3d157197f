"""Adapters: the only place in `ivr` where vendors are imported."""
