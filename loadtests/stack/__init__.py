"""The embedded stack as arithmetic: what it is made of, what it answers and when.

`testbed` serves it, `paper` simulates it.
"""
