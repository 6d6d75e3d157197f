"""From words as they were heard to the text that a person reads."""
