"""The project beside the programs that one might use instead: `make bench`."""
