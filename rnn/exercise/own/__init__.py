"""A student's functions in the place of the network's own, in a process apart."""
