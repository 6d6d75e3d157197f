"""EVERY KNOB: settings, policy, logging set-up and prompts."""
