"""From a book to its report: run the notebooks, assemble a document, export it as HTML and PDF."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]  # the project's folder
