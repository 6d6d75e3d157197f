"""Read-only joins over all packages, for screens and reports."""
