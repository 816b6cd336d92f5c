"""The sentences and tables of a study, read back and computed again."""

from statistics import mean, stdev

import numpy as np
import pytest

from rnn.analysis.differences import paired
from rnn.exhibits import comparison
from rnn.exhibits.comparison_data import listed, losses, means, names
from rnn.exhibits.comparison_figures import losses_by_setting
from rnn.exhibits.kinds import Openings, Sentence
from rnn.exhibits.prose import plain
from tests.exhibited import numbers, picture, sentence, table
from tests.studies import COMMON, EXHIBITS, REASON, a_study

ODD = {
    "one setting": a_study({"cell": ("rnn",)}),
    "one seed": a_study(seeds=1),
    "two seeds": a_study(seeds=2),
    "nothing held out": a_study(held_out=False),
    "the baseline diverged": a_study(lost={0: "diverged"}),
    "a setting failed": a_study(lost={1: "failed"}),
    "all diverged": a_study(lost=dict.fromkeys(range(3), "diverged")),
    "all failed": a_study(lost=dict.fromkeys(range(3), "failed")),
    "no run is there": a_study()._replace(rows=(), passages={}),
    "half of the runs are there": a_study()._replace(rows=a_study().rows[:7]),
    "curves of one point": a_study(points=1),
    "several machines": a_study(machines=("one", "another")),
}


@pytest.mark.parametrize("exhibit", EXHIBITS, ids=lambda one: one.__name__)
@pytest.mark.parametrize("study", ODD.values(), ids=ODD)
def test_everything_holds_whatever_the_study(study, exhibit) -> None:  # type: ignore[no-untyped-def]
    shown = exhibit(study)
    words = shown.markdown if isinstance(shown, Sentence) else shown.caption
    assert words.endswith((".", "?"))
    assert "nan" not in words
    assert "None" not in words


def test_the_question_names_what_was_varied_and_how_it_is_answered() -> None:
    study = a_study({"cell": ("rnn", "gru"), "learning_rate": tuple(np.arange(1, 12) / 100)})
    asked = sentence(comparison.question(study))
    assert asked.startswith("How does the loss on the validation part of *Tales* depend on")
    assert "`cell` (rnn or gru) and `learning_rate` (0.01, " in asked
    assert "and 3 others)?" in asked


def test_with_one_seed_it_says_what_can_not_be_said() -> None:
    study = a_study(seeds=1)
    assert "What part of a difference is chance can't be said" in sentence(
        comparison.question(study)
    )
    assert sentence(comparison.differences(study)).startswith("One seed can't tell any two")
    assert "no order of the settings follows" in sentence(comparison.told_apart(study))
    assert {row[4] for row in comparison.outcomes(study).rows} == {""}, "no deviation"


def test_without_a_validation_part_the_smoothed_loss_is_compared_and_it_says_so() -> None:
    study = a_study({"seq_length": (25, 50)}, held_out=False)
    assert "it is the final smoothed loss that is compared" in sentence(comparison.question(study))
    for row, found in zip(study.rows, losses(study).ravel(), strict=True):
        assert row.final_smooth_loss
        T = study.combinations[row.combination]["seq_length"]
        assert found == pytest.approx(row.final_smooth_loss / T)
    assert not {"validation loss", "test loss"} & {*comparison.runs(study).columns}


def test_losses_on_different_text_are_said_not_to_compare() -> None:
    study = a_study({"validation_fraction": (0.1, 0.2)})
    assert "such losses do not compare" in sentence(comparison.question(study))
    assert "compare" not in sentence(comparison.question(a_study()))


def test_the_design_counts_the_runs() -> None:
    study = a_study(lost={1: "diverged", 2: "failed"})
    shown = comparison.design(study._replace(rows=study.rows[:-2]))
    rows = {str(row[0]): row[1] for row in shown.rows}
    assert rows["varied: learning_rate"] == "0.1, 0.05, 0.2"
    assert rows["runs"] == "15: 5 done, 5 diverged, 3 failed, 2 not made yet"
    assert rows["seeds"] == "5: 400, 401, 402, 403, 404"
    assert rows["settings"] == "3; the first is the baseline: learning_rate=0.1"


def test_means_are_of_the_runs_that_are_done() -> None:
    study = a_study(lost={1: "diverged"})
    found = table(comparison.outcomes(study))
    assert list(found.columns)[2:5] == ["done", "diverged", "mean"]
    for i, row in enumerate(found.rows):
        validations = [
            run.validation for run in study.rows if run.combination == i and run.status == "done"
        ]
        counts = ("0", "5") if i == 1 else ("5", "0")
        assert tuple(row[2:4]) == counts
        if i == 1:
            assert list(row[4:]) == ["", "", ""]
        else:
            known = [one for one in validations if one is not None]
            assert numbers(str(row[4])) == [pytest.approx(mean(known), abs=5e-4)]
            assert numbers(str(row[5])) == [pytest.approx(stdev(known), abs=5e-4)]


def test_the_differences_are_those_of_the_analysis() -> None:
    study = a_study()
    found, shown = paired(losses(study)), table(comparison.differences(study))
    for i, row in enumerate(shown.rows, 1):
        expected = [x[i] for x in found]
        assert numbers(" ".join(map(str, row[1:]))) == pytest.approx(expected, abs=6e-4, rel=0.05)
    assert "paired t test" in shown.caption
    assert "Holm’s method for 2 comparisons" in shown.caption


def test_a_sentence_says_what_the_seeds_tell_apart() -> None:
    study = a_study()
    said = sentence(comparison.told_apart(study))
    for i in (1, 2):
        name = plain(f"learning_rate={study.combinations[i]['learning_rate']}")
        told = paired(losses(study)).holm[i] < 0.05
        before, _, after = said.partition("The seeds can’t tell")
        assert (name in before, name in after) == (told, not told)


def test_settings_without_seeds_in_common_are_named() -> None:
    said = sentence(comparison.told_apart(a_study(lost={2: "diverged"})))
    assert "Nothing can be said of learning&#95;rate&#61;0.2, with fewer than 3" in said


def test_what_is_lost_is_counted_with_its_reason() -> None:
    shown = table(comparison.undone(a_study(lost={1: "diverged", 2: "failed"})))
    assert [list(row) for row in shown.rows] == [
        ["learning_rate=0.05", "diverged", "5", "400, 401, 402, 403, 404", REASON],
        ["learning_rate=0.2", "failed", "5", "400, 401, 402, 403, 404", "killed three workers"],
    ]
    assert "Of 15 runs, 5 diverged and 5 failed." in shown.caption
    assert sentence(comparison.undone(a_study())) == "No run diverged, and none failed."


def test_machines_that_differ_are_said_to_give_other_bits() -> None:
    shown = table(comparison.machines(a_study(machines=("one", "another"))))
    assert [list(row) for row in shown.rows] == [["1", "one", "9"], ["2", "another", "6"]]
    assert "not equal to the bit" in shown.caption
    assert "All runs were made on one kind of machine: Linux" in sentence(
        comparison.machines(a_study())
    )


def test_every_run_has_a_row_with_its_mark() -> None:
    study = a_study(lost={1: "failed"}, machines=("one", "another"))
    shown = comparison.runs(study)
    assert len(shown.rows) == len(study.rows)
    assert list(shown.marks) == [f"{row.combination}-{row.seed}" for row in study.rows]
    assert list(shown.rows[7]) == ["0.05", "402", "failed", "", "", "", "", "", "", ""]


def test_the_texts_continue_the_opening_and_of_many_the_first_are_shown() -> None:
    study = a_study({"hidden_size": tuple(range(1, 31))}, seeds=3, lost={1: "diverged"})
    study.passages[0] = study.opening + study.passages[0]
    shown = comparison.continuations(study)
    assert isinstance(shown, Openings)
    assert len(shown.texts) == 24
    assert shown.texts[0] == ("hidden_size=1", " said the miller 0 times.\n" * 4, "0")
    assert shown.texts[1][2] == "2", "setting 1 has none"
    assert "1 setting has no run that is done" in shown.caption
    assert "the others are in `samples.txt`" in shown.caption


def test_long_tables_and_sentences_say_what_they_leave_out() -> None:
    study = a_study({"hidden_size": tuple(range(1, 251))}, seeds=3)
    for shown in (comparison.outcomes(study), table(comparison.differences(study))):
        assert len(shown.rows) == len(shown.marks) <= 200
        assert "The first 200 settings are listed, and not the other 50." in shown.caption
    assert len(sentence(comparison.told_apart(study))) < 1500


def test_names_are_escaped_and_many_are_counted() -> None:
    assert listed(["a_b"]) == "a&#95;b"
    assert listed(["a", "b", "c", "d"], 2) == "a, b and 2 others"


def test_common_parameters_are_read_where_a_grid_does_not_vary_them() -> None:
    assert COMMON["seq_length"] == 25
    study = a_study(held_out=False)._replace(common={})
    assert np.isfinite(losses(study)).all(), "the default"


def test_settings_that_learned_from_different_amounts_of_text_are_said_to() -> None:
    said = sentence(comparison.question(a_study({"seq_length": (25, 50)})))
    assert "different amounts of text, 25,000 to 50,000 characters" in said
    for values in ({"hidden_size": (8, 16)}, {"seq_length": (25, 26)}):
        assert "amounts" not in sentence(comparison.question(a_study(values)))


def test_the_design_says_how_much_of_the_validation_part_is_read() -> None:
    def compared(**book: int) -> str:
        study = a_study()
        common = {**study.common, "validation_limit": 20_000}
        changed = study._replace(book={**study.book, **book}, common=common)
        rows = comparison.design(changed).rows
        return next(str(text) for name, text in rows if name == "compared")

    assert compared() == "validation loss, in nats per character"
    assert compared(validation_characters=20_000) == compared()
    assert compared(validation_characters=51_348).endswith(
        "character, on the first 20,000 of its 51,348 characters"
    )


def test_a_setting_of_which_some_runs_diverged_is_said_to_be_flattered() -> None:
    study = a_study()
    assert "flatters" not in table(comparison.outcomes(study)).caption
    assert "flatters" not in sentence(comparison.told_apart(study))
    rows = [
        row._replace(status="diverged") if (row.combination, row.seed) == (1, 400) else row
        for row in study.rows
    ]
    study = study._replace(rows=tuple(rows))
    assert "flatters a setting of which only some did" in comparison.outcomes(study).caption
    assert "Some runs of learning&#95;rate&#61;0.05 diverged." in sentence(
        comparison.told_apart(study)
    )


def test_text_held_out_is_what_a_best_model_is_said_to_be_judged_on() -> None:
    for held_out in (True, False):
        caption = picture(losses_by_setting(a_study(held_out=held_out))).caption
        assert ("judged by its best model" in caption) == held_out


def test_the_chosen_setting_is_judged_on_what_chose_nothing() -> None:
    study = a_study()
    least = int(np.argmin(means(losses(study))))
    tests = [row.test or 0 for row in study.rows if row.combination == least]
    said = sentence(comparison.tested(study))
    assert plain(names(study)[least]) in said
    assert (
        f"loses {mean(tests):.3f} nats per character, with a standard deviation of "
        f"{stdev(tests):.3f}"
    ) in said
    assert "standard deviation" not in sentence(comparison.tested(a_study(seeds=1)))
    assert "There is no test part" in sentence(comparison.tested(a_study(held_out=False)))
    nothing = a_study(lost=dict.fromkeys(range(len(study.combinations)), "failed"))
    assert "No run is done" in sentence(comparison.tested(nothing))
