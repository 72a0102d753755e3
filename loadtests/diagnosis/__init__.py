"""What it means: pure functions from windows to verdicts."""
