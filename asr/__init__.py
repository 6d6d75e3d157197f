"""SPEECH TO TEXT: recordings in, transcripts with per-word times and confidences out."""
