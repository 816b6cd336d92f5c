"""Prediction by counting: the rivals of the network, as trained and adapting."""
