"""Speech models: what they are, how they come and what they know."""
