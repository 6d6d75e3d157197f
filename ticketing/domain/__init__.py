"""Rules of the `ticketing` package: standard library and kit only; time is an argument."""
