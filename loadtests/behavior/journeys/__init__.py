"""What people come to do: one journey a file, picked by an arrival's purpose in `viewer`."""
