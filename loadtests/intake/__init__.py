"""How other people's data is read: logs and Prometheus, as they lie there or as they grow."""
