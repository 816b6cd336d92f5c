"""Errors that say in one line what is wrong and what to do."""


class _Plain(Exception):
    """An exception that a notebook shows as its message alone, without a traceback."""

    def _render_traceback_(self) -> list[str]:  # IPython looks for this name
        return [f"{type(self).__name__}: {self}"]


class InputError(_Plain, ValueError):
    """A book, a parameter or a file that cannot be used: says what, where and what to do."""


class DivergedError(_Plain, RuntimeError):
    """Training whose loss is no longer a finite number: says at which step, and what to try."""
