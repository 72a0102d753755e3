"""Who arrives, and when."""
