"""Rules of the `asr` package: standard library and kit only; time is an argument."""
