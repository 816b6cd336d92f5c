"""What a report says of a wrong gradient, in its first part and in its chapter on the gradient."""

from collections.abc import Sequence

from rnn.exhibits.prose import as_code
from rnn.exhibits.words import letters, listed, number, written
from rnn.gradcheck import CLOSE, EXACT, OTHER_NETWORK, WRONG, GradientCheck, fault, wrong


def alarm(check: GradientCheck, student: str = "") -> str:
    """Say which gradients are wrong, why a small error is not small, and where to look.

    The text is empty if none is wrong. `student` is the name of the file, if the gradient is that
    of a student's functions.
    """
    found = wrong(check)
    if not found:
        return ""
    names = listed([f"${name}$" for name in found])
    line = (fault(check, OTHER_NETWORK) if student else fault(check)).partition(": ")[2]
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
        f"{text} Look at {_where(check, list(found), student)}. All that is trained in this report"
        " follows the wrong gradient."
    )


def _where(check: GradientCheck, found: Sequence[str], student: str) -> str:
    """Say where to look for what makes these gradients wrong."""
    if not student:
        return f"what fills {listed([f'`d.{name}`' for name in found])} in `backward`"
    if all(check.central_difference[name] < CLOSE for name in found):
        return f"`forward` and `loss` in {as_code(student)}"
    return f"what makes the gradient of {listed([f'${name}$' for name in found])} in `backward`"
