"""Capacity or malice: what made viewers fail, and whether hostile traffic is there."""
