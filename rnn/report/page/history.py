"""The history of a training, which the page's reader can save."""

from markupsafe import Markup

from rnn.report.page.live import for_script

LARGEST = 250_000  # bytes that a page carries


def history(csv: str) -> Markup:
    """Return `history.csv` as JSON that is safe in HTML.

    Of a very long history it has every second line, or every third, and so on; the last line is
    among them.
    """
    head, *rows = csv.splitlines()
    every = -(-len(csv) // LARGEST)
    kept = rows[::-1][::every][::-1]
    return for_script("".join(f"{line}\n" for line in (head, *kept)))
