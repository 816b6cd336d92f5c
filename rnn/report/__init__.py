"""From executed notebooks to one report: what is shown, how it is put together, how it is set."""
