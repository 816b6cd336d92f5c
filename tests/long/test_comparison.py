"""The page of a study of ten thousand runs."""

import pytest

from tests.studies import a_study, study_page

RATES = tuple(i / 10_000 for i in range(1, 1001))


@pytest.mark.parametrize(
    ("rates", "seeds"), [(RATES, 5), ((0.1, 0.2), 2500)], ids=["many settings", "many seeds"]
)
def test_ten_thousand_runs_are_a_page_below_8_mb(rates: tuple[float, ...], seeds: int) -> None:
    study = a_study({"learning_rate": rates, "cell": ("rnn", "gru")}, seeds, points=200)
    assert len(study.rows) == 10_000
    source = study_page(study)
    assert len(source.encode()) < 8e6
    assert (
        sum(f'data-mark="{row.combination}-{row.seed}"' in source for row in study.rows[::99]) > 100
    )
