"""From a book to one report: the notebooks are run, put together, and set as page and PDF."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]  # of the project
