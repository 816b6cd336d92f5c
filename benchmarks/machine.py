"""The machine and the versions with which the figures were measured."""

import os
import platform
from importlib import metadata
from typing import Any

from rnn.files.machine import cores, processor

PACKAGES = ("numpy", "numba", "scipy", "torch", "jax", "jaxlib", "scipy-openblas32")


def machine() -> dict[str, Any]:
    """Return the processor, its cores, the memory and the system."""
    return {
        "processor": processor(),
        "cores": cores(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
        "system": f"{platform.system()} {platform.machine()}",
    }


def versions() -> dict[str, str]:
    """Return the versions of Python and of the libraries that the peers use."""
    return {"python": platform.python_version()} | {
        name: metadata.version(name) for name in PACKAGES
    }
