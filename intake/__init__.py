"""Other programs: the voice messages they bring, what they say of their calls, and what they are told."""
