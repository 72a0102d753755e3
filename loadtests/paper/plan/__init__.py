"""The night on paper: what it asks of a stack, whether that is there, and what could be done."""
