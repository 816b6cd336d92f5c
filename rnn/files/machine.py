"""Which machine this is, as the results of a study name it."""

import platform
from pathlib import Path


def name() -> str:
    """Return the name of this machine, with its processor."""
    info, processor = Path("/proc/cpuinfo"), platform.processor() or platform.machine()
    if info.exists():
        models = (line for line in info.read_text().splitlines() if line.startswith("model name"))
        processor = next(models, f": {processor}").partition(":")[2].strip()
    return f"{platform.node()} ({processor})"
