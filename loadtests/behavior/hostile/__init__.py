"""What hostile clients do, one pattern a module: rehearsed against this machine's own targets."""
