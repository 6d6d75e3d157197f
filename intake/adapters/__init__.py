"""Adapters: the only place in `intake` where the network is met."""
