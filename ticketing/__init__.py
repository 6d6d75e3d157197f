"""THE WORK ORDER AND WHO HOLDS IT: tickets, clocks, AB seats, duty shifts."""
