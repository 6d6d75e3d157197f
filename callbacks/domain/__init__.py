"""Rules of the `callbacks` package: standard library and kit only; time is an argument."""
