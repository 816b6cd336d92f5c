"""What a report needs of the machine beside its books and folders, checked before any work."""

import resource
import tempfile

from rnn.errors import InputError

FILES = 128  # that a process may have open; up to 90 are
SPACE = 4_000_000  # bytes for temporary files; Typst's are the largest


def check() -> None:
    """See that files can be opened, and temporary ones written.

    Raises
    ------
    InputError
        Says what is too small, and how to make it larger.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if 0 <= soft < FILES:  # a negative one stands for no limit
        most = FILES if hard < 0 else min(hard, FILES)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        if most < FILES:
            raise InputError(
                f"only {most} files may be open at a time, and a report needs {FILES}: "
                f"raise the limit (ulimit -n {FILES})"
            )
    try:
        with tempfile.TemporaryFile() as file:
            file.write(bytes(SPACE))
    except OSError as error:
        raise InputError(
            f"temporary files can't be written ({error.strerror}): make room for "
            f"{SPACE / 1e6:g} MB, or name a folder that has it with TMPDIR"
        ) from None
