"""Write docs/parameters.md, the table of all parameters, from rnn/settings.py (`make sync`)."""

from pathlib import Path

from rnn.report.presets import PRESETS
from rnn.settings import PARAMETERS, Parameter, Range, to_word

PAGE = Path(__file__).resolve().parents[1] / "docs" / "parameters.md"
ABOUT = """\
# Parameters

Generated from `rnn/settings.py` by `make sync`; do not edit it here.

Set them with `PARAMS`, on top of a `PRESET`, or in the first code cell of a notebook:

```sh
make report PRESET=adam PARAMS="epochs=2 hidden_size=64 prime='Once upon a time'"
```

`PARAMS` is split into words as in a shell. Values are Python literals, or `true` or `false`.
"""


def values(parameter: Parameter) -> str:
    """Return the values that a parameter may take, as Markdown."""
    if parameter.choices:
        return ", ".join(map(code, parameter.choices))
    if isinstance(parameter.allowed, Range):
        low, high, ends = parameter.allowed
        above = "≥" if ends[0] == "[" else ">"
        below = "≤" if ends[1] == "]" else "<"
        upper = f", {below} {high:,}" if high < float("inf") else ""
        return f"{above} {low}{upper}"
    return "`true`, `false`" if parameter.kind is bool else "text"


def code(value: object) -> str:
    """Return a value as code in Markdown; empty if there is none."""
    return "" if value in (None, "") else f"`{to_word(value)}`"


def page() -> str:
    """Return the page as Markdown."""
    rows = [
        f"| `{one.name}` | {code(one.default)} | {values(one)} | {one.meaning} |"
        for one in PARAMETERS.values()
    ]
    presets = [
        f"| `{name}` | {', '.join(code(f'{key}={to_word(preset[key])}') for key in preset)} |"
        for name, preset in PRESETS.items()
    ]
    return "\n".join(
        [
            *(ABOUT, "| parameter | default | values | meaning |", "|---|---|---|---|", *rows, ""),
            *("What each preset sets:", "", "| preset | parameters |", "|---|---|", *presets, ""),
        ]
    )


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
