"""The slips that one makes in the functions of the exercise, by cell and function.

Each changes a text that stands once in the function's source. Those of the backward passes are in
`rnn.analysis.plain`, since a report names them, too.
"""

from collections.abc import Mapping

from rnn.analysis.plain import FURTHER, SLIPS, Slip

TAKEN = "P[np.arange(len(y)), y]"


def added(small: str) -> Slip:
    """Return the slip of a loss that adds a small number to the probabilities."""
    return Slip(f"{small} is added to P in the logarithm", TAKEN, f"{TAKEN} + {small}")


# These change the results by next to nothing. They are accepted with a word.
OUTSIDE = Slip(
    "epsilon stands outside the root", "np.sqrt(total + 1e-8)", "(np.sqrt(total) + 1e-8)"
)
ACCEPTED: dict[str, dict[Slip, str]] = {
    "adagrad": {OUTSIDE: "the equation has it inside"},
    "loss": {
        added(small): "a probability of zero goes unnoticed"
        for small in ("1e-12", "1e-13", "1e-14")
    },
}
SHARED = (
    Slip("the bias c is forgotten", " + p.c)", ")"),
    Slip("the output layer sees the state before, not after", "1:] @ p.V.T", ":-1] @ p.V.T"),
    Slip("V is transposed", "@ p.V.T", "@ p.V"),
    Slip("the softmax is forgotten: these are scores", "softmax(h", "(h"),
    Slip("the characters are read in reverse order", "for k in x:", "for k in x[::-1]:"),
    Slip("the bias b is forgotten", "p.U[:, k] + p.b", "p.U[:, k]"),
    Slip("the bias b is subtracted", "p.U[:, k] + p.b", "p.U[:, k] - p.b"),
)
OVER_TIME = "the softmax is over time, not over the characters"
CELL = {
    "rnn": (
        Slip(OVER_TIME, "softmax(h[1:] @ p.V.T + p.c)", "softmax((h[1:] @ p.V.T + p.c).T).T"),
        Slip("U's row is taken, not its column", "p.U[:, k]", "p.U[k]"),
        Slip("W is transposed", "p.W @", "p.W.T @"),
        Slip(
            "U and W are exchanged", "p.W @ states[-1] + p.U[:, k]", "p.U @ states[-1] + p.W[:, k]"
        ),
        Slip("tanh is missing", "np.tanh(", "("),
        Slip(
            "the logistic function stands for tanh",
            "np.tanh(p.W @ states[-1] + p.U[:, k] + p.b)",
            "1 / (1 + np.exp(-(p.W @ states[-1] + p.U[:, k] + p.b)))",
        ),
        Slip("the larger of a and zero stands for tanh", "np.tanh(", "np.maximum(0, "),
        Slip("the state is not carried: each step starts from h0", "p.W @ states[-1]", "p.W @ h0"),
        Slip(
            "the state is not carried: each step starts from zero",
            "p.W @ states[-1]",
            "p.W @ (0 * h0)",
        ),
        Slip("h0 is taken for zero", "p.W @ states[-1]", "p.W @ (states[-1] * (len(states) > 1))"),
        Slip("b is added after tanh", " + p.b))", ") + p.b)"),
        Slip("U x is left out", " + p.U[:, k]", ""),
    ),
    "gru": (
        Slip(OVER_TIME, "softmax(h[1:] @ p.V.T + p.c)", "softmax((h[1:] @ p.V.T + p.c).T).T"),
        Slip("the state is not carried: each step starts from h0", "p.W @ states[-1]", "p.W @ h0"),
        Slip(
            "z and 1 - z are exchanged",
            "(1 - z) * n + z * states[-1]",
            "z * n + (1 - z) * states[-1]",
        ),
        Slip(
            "r and z are exchanged",
            "r, z = logistic(Wh[0] + u[0]), logistic(Wh[1] + u[1])",
            "z, r = logistic(Wh[0] + u[0]), logistic(Wh[1] + u[1])",
        ),
        Slip("the reset gate is forgotten", "r * Wh[2]", "Wh[2]"),
        Slip("the reset gate multiplies U x and b, too", "r * Wh[2] + u[2]", "r * (Wh[2] + u[2])"),
        Slip(
            "the reset gate multiplies h before W_n, not W_n h",
            "r * Wh[2]",
            "p.W[2 * len(h0) :] @ (r * states[-1])",
        ),
        Slip("tanh is missing", "np.tanh(", "("),
        Slip("the path around W is forgotten", " + z * states[-1]", ""),
    ),
    "lstm": (
        Slip(OVER_TIME, "softmax(h[0, 1:] @ p.V.T + p.c)", "softmax((h[0, 1:] @ p.V.T + p.c).T).T"),
        Slip(
            "the state is not carried: each step starts from h0", "p.W @ states[-1]", "p.W @ h0[0]"
        ),
        Slip("the memory is not carried", "f * memory[-1]", "f * h0[1]"),
        Slip("the forget gate is forgotten", "f * memory[-1]", "memory[-1]"),
        Slip("the input gate is forgotten", "i * n", "n"),
        Slip("the memory's own tanh is forgotten", "o * np.tanh(memory[-1])", "o * memory[-1]"),
        Slip("the output gate is forgotten", "o * np.tanh(memory[-1])", "np.tanh(memory[-1])"),
        Slip("i and f are exchanged", "i, f, n, o =", "f, i, n, o ="),
        Slip("n and o are exchanged", "i, f, n, o =", "i, f, o, n ="),
        Slip("tanh is missing in the candidate", "np.tanh(a[2])", "a[2]"),
    ),
}
DRAWN = 'np.searchsorted(np.cumsum(P[0])[:-1], uniform[i], side="right")'
CLIPPED = "np.clip(g, -limit, limit, out=g)"
OTHERS = {
    "softmax": (
        Slip(OVER_TIME, "e.sum(axis=1, keepdims=True)", "e.sum(axis=0)"),
        Slip(
            "the shift is forgotten: exp overflows at 1,000",
            "o - o.max(axis=1, keepdims=True)",
            "o",
        ),
        Slip(
            "the largest score of all rows is subtracted, not that of each",
            "o.max(axis=1, keepdims=True)",
            "o.max()",
        ),
        Slip(
            "the largest score is taken over time", "o.max(axis=1, keepdims=True)", "o.max(axis=0)"
        ),
        Slip("the smallest score is subtracted, so exp overflows", "o.max(axis=1", "o.min(axis=1"),
        Slip(
            "it is divided by the sum of all rows, not of each",
            "e.sum(axis=1, keepdims=True)",
            "e.sum()",
        ),
        Slip("it is not divided by the sum", " / e.sum(axis=1, keepdims=True)", ""),
        Slip("exp is missing", "np.exp(", "("),
        Slip("the sign of the scores is wrong", "np.exp(o - o.max(", "np.exp(-o + o.min("),
        Slip("powers of two stand for exp", "np.exp(", "np.exp2("),
    ),
    "loss": (
        Slip("it is the mean over the steps, not their sum", ".sum()", ".mean()"),
        Slip("the sign is wrong", "-np.log", "np.log"),
        Slip("it is in bits, not in nats", "np.log(", "np.log2("),
        Slip("the logarithm is to the base of ten", "np.log(", "np.log10("),
        Slip("the logarithm is missing", "-np.log(", "-("),
        Slip(
            "the logarithm is of the sum, not the sum of logarithms",
            "-np.log(P[np.arange(len(y)), y]).sum()",
            "-np.log(P[np.arange(len(y)), y].sum())",
        ),
        Slip("all characters count, not the one that came", "P[np.arange(len(y)), y]", "P"),
        Slip("every step takes the probabilities of all steps", "np.arange(len(y)), y", ":, y"),
        Slip(
            "it is one minus the probability",
            "-np.log(P[np.arange(len(y)), y])",
            "(1 - P[np.arange(len(y)), y])",
        ),
        *ACCEPTED["loss"],
        *map(added, ("1e-10", "1e-9", "1e-8")),
        Slip("the target is one off", "np.arange(len(y)), y", "np.arange(len(y)), y - 1"),
        Slip("the last step is left out", "np.arange(len(y)), y", "np.arange(len(y) - 1), y[:-1]"),
    ),
    "clip": (
        Slip("what is below -limit is left", CLIPPED, "np.minimum(g, limit, out=g)"),
        Slip("what is above the limit is left", CLIPPED, "np.maximum(g, -limit, out=g)"),
        Slip("what is negative becomes zero", "-limit, limit", "0, limit"),
        Slip("the limit is always 5", "-limit, limit", "-5, 5"),
        Slip(
            "the gradients are scaled so that their norm is the limit",
            f"for g in d:\n        {CLIPPED}",
            "norm = np.sqrt(sum((a**2).sum() for a in d))\n    for g in d:\n"
            "        g *= min(1, limit / norm)",
        ),
        Slip(
            "each gradient is scaled so that its norm is the limit",
            CLIPPED,
            "g *= min(1, limit / np.sqrt((g**2).sum()))",
        ),
        Slip("the sign is lost", CLIPPED, "np.minimum(abs(g), limit, out=g)"),
        Slip("what is beyond the limit becomes zero", CLIPPED, "g[abs(g) > limit] = 0"),
        Slip("nothing is clipped", CLIPPED, "np.clip(g, -limit, limit)"),
        Slip("only the first, U, is clipped", "for g in d:", "for g in d[:1]:"),
        Slip("the biases are left out", "for g in d:", "for g in d[:3]:"),
    ),
    "adagrad": (
        *ACCEPTED["adagrad"],
        Slip("s is overwritten, not summed", "total += g**2", "total[...] = g**2"),
        Slip(
            "s is summed after it is used",
            "    total += g**2\n        theta -= eta * g / np.sqrt(total + 1e-8)",
            "    theta -= eta * g / np.sqrt(total + 1e-8)\n        total += g**2",
        ),
        Slip("s is a copy, so nothing is kept of it", "total += g**2", "total = total + g**2"),
        Slip("the gradient is not squared in s", "total += g**2", "total += abs(g)"),
        Slip("the step goes up the gradient", "theta -=", "theta +="),
        Slip("the root is missing", "np.sqrt(total + 1e-8)", "(total + 1e-8)"),
        Slip("epsilon is missing: zero divided by zero", "total + 1e-8", "total"),
        Slip("epsilon is 1e-7", "1e-8", "1e-7"),
        Slip("epsilon is 1e-10", "1e-8", "1e-10"),
        Slip("eta is left out", "eta * g", "g"),
        Slip("eta is always 0.1", "eta * g", "0.1 * g"),
        Slip("g is left out of the step", "eta * g /", "eta /"),
        Slip(
            "eta stands under the root, too",
            "np.sqrt(total + 1e-8)",
            "np.sqrt(eta * (total + 1e-8))",
        ),
        Slip(
            "the parameters are not updated in place", "theta -= eta * g", "theta = theta - eta * g"
        ),
        Slip("it is plain gradient descent", " / np.sqrt(total + 1e-8)", ""),
        Slip("s decays, as in RMSProp", "total += g**2", "total[...] = 0.9 * total + 0.1 * g**2"),
    ),
    "synthesise": (
        Slip("the likeliest character is taken, none is drawn", DRAWN, "P[0].argmax()"),
        Slip(
            "the character drawn is not read next",
            f"x = {DRAWN}\n        text[i] = x",
            f"text[i] = {DRAWN}",
        ),
        Slip("the state is not carried", "h = states[..., -1, :]", "pass"),
        Slip(
            "the state starts from zero",
            "states, P = forward(p, np.array([x]), h)",
            "states, P = forward(p, np.array([x]), h * (i > 0))",
        ),
        Slip("the same number decides on every character", "uniform[i]", "uniform[0]"),
        Slip(
            "the text begins with x, and ends one character early",
            f"x = {DRAWN}\n        text[i] = x",
            f"text[i] = x\n        x = {DRAWN}",
        ),
        Slip(
            "the characters are all equally likely",
            "np.cumsum(P[0])[:-1]",
            "np.arange(1, P.shape[1]) / P.shape[1]",
        ),
        Slip("each index is one too low", 'side="right")', 'side="right") - 1'),
        Slip("the probabilities are squared", "np.cumsum(P[0])[:-1]", "np.cumsum(P[0] ** 2)[:-1]"),
        Slip(
            "one number is compared with the probabilities, not with their running sum",
            DRAWN,
            "np.argmax(P[0] > uniform[i])",
        ),
    ),
}


def accepted(name: str) -> Mapping[Slip, str]:
    """Return the slips of a function that are accepted, with the word on each."""
    return ACCEPTED.get(name, {})


def known(cell: str) -> dict[str, tuple[Slip, ...]]:
    """Return the slips of each function, for a cell."""
    return {
        "forward": (*CELL[cell], *SHARED),
        "backward": (*SLIPS[cell], *FURTHER[cell]),
        **OTHERS,
    }
