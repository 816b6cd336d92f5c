"""What moves in the notebooks: training as it goes, and a sampler to play with."""
