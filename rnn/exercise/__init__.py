"""The assignment with its answers taken out, and the check that says what is wrong."""
