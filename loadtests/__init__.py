"""matchnight rehearses a live event: its crowd, its stack, and what its viewers would have seen."""

__version__ = "0.1.0"
