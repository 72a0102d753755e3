"""How it runs on paper: the same journeys in simulated time."""
