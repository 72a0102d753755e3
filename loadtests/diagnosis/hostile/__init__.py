"""Is hostile traffic there? One pattern a module, each a pure function of what an edge saw."""
