"""The rows of tables."""

from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn.report.tables import character_counts


@settings(deadline=None)
@given(st.text("ab \n\tcdefgh漢", min_size=1), st.integers(1, 12), st.integers(1, 5))
def test_every_character_is_there_with_its_count(text: str, most: int, across: int) -> None:
    found = Counter(text)
    vocabulary = "".join(sorted(found))
    counts = np.array([found[c] for c in vocabulary])
    heads, rows = character_counts(counts, vocabulary, most, across)
    assert {len(row) for row in rows} == {len(heads)}
    assert len(heads) <= 2 * across
    downwards = [row[i : i + 2] for i in range(0, len(heads), 2) for row in rows]
    shown = [pair for pair in downwards if pair != ["", ""]]
    names = {" ": "space", "\n": "line end", "\t": "tab"}
    assert len(shown) == min(most, len(found))
    for name, count in shown:
        assert count in [str(n) for c, n in found.items() if names.get(c, c) == name]
    sizes = [int(count) for _, count in shown]
    assert sizes == sorted(found.values(), reverse=True)[:most]
