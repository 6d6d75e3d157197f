"""Rules of the `intake` package: standard library and kit only; time is an argument."""
