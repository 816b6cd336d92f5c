"""Compare two reports or two studies by their meaning."""
