"""The interactive parts of the notebooks: live training, a dashboard and a sampler."""
