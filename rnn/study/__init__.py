"""Many runs, one comparison: a grid of settings, several seeds each, on this machine or others."""
