from dataclasses import fields

from rnn.files.keys import SAMPLES, run_key
from rnn.settings import LATER, PARAMETERS, Settings, checked


def test_a_key_depends_on_all_that_determines_training_and_on_nothing_else() -> None:
    key = run_key(Settings(), "a")
    assert run_key(Settings(), "b") != key
    for field in fields(Settings):
        parameter, value = PARAMETERS[field.name], getattr(Settings(), field.name)
        other: object
        if parameter.choices:
            other = next(choice for choice in parameter.choices if choice != value)
        else:
            other = {bool: not value, str: "other", float: 0.5, int: 3}[parameter.kind]
        changed = checked({field.name: other})
        assert (run_key(changed, "a") == key) == (field.name in (*LATER, *SAMPLES)), field.name
