"""Speed, and the same bits everywhere: what compiled code and plain Python share."""
