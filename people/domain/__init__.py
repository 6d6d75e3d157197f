"""Rules of the `people` package: standard library and kit only; time is an argument."""
