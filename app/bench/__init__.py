"""Figures of the running parts, measured on the machine at hand."""
