"""What identifies a person: found in text, hidden in text and sound."""
