"""Sound before it is recognised: its quality, and where it may be cut."""
