"""What goes wrong in making a report."""


class StageError(RuntimeError):
    """A stage that failed: says which, and what happened there."""
