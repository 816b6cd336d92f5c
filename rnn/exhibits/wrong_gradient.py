"""What a report says of a wrong gradient, in its first part and in its chapter on the gradient."""

from rnn.exhibits.words import letters, listed, number, written
from rnn.gradcheck import EXACT, WRONG, GradientCheck, fault, wrong


def alarm(check: GradientCheck) -> str:
    """Say which gradients are wrong, why a small error is not small, and where to look.

    The text is empty if none is wrong.
    """
    found = wrong(check)
    if not found:
        return ""
    names = listed([f"${name}$" for name in found])
    line = fault(check).partition(": ")[2]
    lines = listed([f"`d.{name}`" for name in found])
    text = (
        f"**The gradient of {names} is wrong:** {letters(written(line))}. A right gradient stays"
        f" below {number(WRONG, '.0e')} at any size, mostly below {number(EXACT, '.0e')}."
    )
    shown = {name: error for name, error in check.larger.items() if name in found}
    if shown and max(shown.values()) > max(found.values()):
        worst = max(shown, key=lambda name: shown[name])
        text += (
            " Before training the weights, and with them the hidden states, are close to zero,"
            " which hides much of what a slip does: in a small network with larger weights the same"
            f" backward pass has an error of {number(shown[worst], '.1e')} in ${worst}$."
        )
    return (
        f"{text} Look at what fills {lines} in `backward`. All that is trained in this report"
        " follows the wrong gradient."
    )
