"""Adapters: the only place in `asr` where vendors are imported."""
