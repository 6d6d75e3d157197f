"""The tool box: no hotline words in here, so every package may lean on it."""
