"""The error of a study whose runs can't be placed."""


class EngineError(RuntimeError):
    """No run can be placed any more; the message says why, in one line. Finished runs are kept."""
