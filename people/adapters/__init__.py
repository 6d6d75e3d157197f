"""Adapters: the only place in `people` where vendors are imported."""
