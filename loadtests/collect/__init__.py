"""What happened, added up."""
