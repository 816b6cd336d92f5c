"""A character-level recurrent network, written out from scratch in NumPy."""
