"""Real servers for tests, started in scratch folders on free loopback ports."""
