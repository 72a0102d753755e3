"""What each viewer does: journeys that yield steps. Nothing here knows the clock or the network."""
