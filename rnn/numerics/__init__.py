"""Fast and reproducible arithmetic, shared by compiled code and plain Python."""
