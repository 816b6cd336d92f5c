"""The error of a report that can't be made."""


class StageError(RuntimeError):
    """A stage failed; the message says which one and why."""
