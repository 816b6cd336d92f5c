"""Side by side with the programs that a user might pick instead: `make bench`."""
