"""The demonstration: a scratch hotline, a citizen with an independent phone, and the story told step by step."""
