"""TeX in notes that is no formula: it is shown as typed, and said to be."""

from rnn.exhibits.prose import stray_tex
from rnn.report.notes.sections import Notes


def remarks(notes: Notes) -> list[str]:
    """Return a line for each piece of TeX outside of the formulas of notes that can be read."""
    return [
        f"NOTES: {notes.place(part, tex)}: {tex} is shown as typed: only formulas are set as TeX,"
        " from $$ to $$ or in an environment of amsmath"
        for part, text in notes.sections.items()
        for tex in dict.fromkeys(stray_tex(text))
    ]
