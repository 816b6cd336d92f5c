"""How exhibits look: colours and matplotlib's settings.

The colours are Okabe and Ito's, which colour-blind readers can tell apart. The exporters replace
INK, and the white background, by the colours of the page.
"""

from typing import Any

INK = "#222222"
GREY = "#888888"
BLUE, ORANGE, GREEN, PINK, SKY = "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9"
COLOURS = (BLUE, ORANGE, GREEN, PINK, SKY)
STYLE: Any = {
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.facecolor": "none",
    "figure.facecolor": "none",
    "grid.color": "#88888855",
    "axes.spines.top": False,
    "axes.spines.right": False,
    # As in seaborn's style "ticks"; all else of it is matplotlib's default.
    "axes.axisbelow": True,
    "lines.solid_capstyle": "round",
    "patch.edgecolor": "w",
    "patch.force_edgecolor": True,
    "font.size": 10,
    # The first is matplotlib's own, which it draws and measures with, and the PDF's. A page without
    # it shows the text in the next that its reader has; Verdana is as wide.
    "font.sans-serif": ["DejaVu Sans", "Verdana", "Geneva", "sans-serif"],
}
# What else of a figure a notebook's own settings may have changed.
PLAIN = (
    "axes.grid", "axes.spines.bottom", "axes.spines.left", "font.family", "grid.linestyle",
    "xtick.bottom", "xtick.direction", "xtick.top", "ytick.direction", "ytick.left", "ytick.right",
)  # fmt: skip


def rc_file() -> str:
    """Return matplotlib's settings, as a file, for figures that are drawn without `canvas`."""
    colours = ", ".join(f"'{colour[1:]}'" for colour in COLOURS)
    settings = STYLE | {
        "axes.prop_cycle": f"cycler('color', [{colours}])",
        "figure.facecolor": "white",  # which the page replaces by its own
        "axes.titlelocation": "left",
        "axes.titlesize": "medium",  # as large as the other letters
        "figure.titlesize": "medium",
        "legend.frameon": False,
        "svg.fonttype": "path",  # a formula in text would lack its fonts on another machine
        "svg.hashsalt": "figure",  # the same figure is the same bytes
    }
    written = {name: _setting(value) for name, value in settings.items()}
    return "".join(f"{name}: {value}\n" for name, value in written.items())


def _setting(value: Any) -> str:
    """Return a value as matplotlib's files have it, where # begins a comment."""
    if isinstance(value, list | tuple):
        return ", ".join(map(_setting, value))
    return str(value).removeprefix("#")
