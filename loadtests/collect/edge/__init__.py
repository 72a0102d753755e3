"""What a target's edge sees of the night: requests as they ended, added up second by second."""
