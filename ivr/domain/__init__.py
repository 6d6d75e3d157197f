"""Rules of the `ivr` package: standard library and kit only; time is an argument."""
