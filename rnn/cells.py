"""The contract of a cell: what its module defines, and what the rest of the program asks of it.

A cell computes the state after a character from the state before it. Each cell is a module of
functions, as `vanilla`, `gru` and `lstm` are; a line in `rnn.network.CELLS` registers it by name.
Letters and shapes are those at the top of `rnn.vanilla`.

| name | what it is | who asks for it |
|---|---|---|
| `BLOCKS` | blocks of m rows in U, W and b | the sizes of the parameters |
| `STATES` | arrays of the state, h first; an LSTM has its memory, too | files of a model |
| `Work` | the arrays that one pass fills: `states`, `output`, and the cell's own | all loops |
| `workspace` | a zeroed `Work` | all loops |
| `forward` | compiled; fills `work.states` and the probabilities | all that reads or writes |
| `backward` | compiled; fills the gradients, after `forward` on the same characters | training |
| `state_gradients` | dL / dh_{t-1} for each t, from what `backward` left | `rnn.analysis.reach` |

`forward` must be analytic in the parameters, since the complex step differentiates it: no `abs` or
`max` of a state. If `rnn.analysis.plain` has a backward pass of the cell, too, the report shows
errors planted in it.

The page of a report runs a cell's JavaScript, from a file of the cell's name among its scripts.
Without one, the page leaves the live model out and says so.
"""

from typing import Any, NamedTuple, Protocol

from numpy.typing import NDArray

from rnn.output import Output


class Parameters(NamedTuple):
    """The parameters of a network, or their gradients: views into one flat vector."""

    U: NDArray[Any]
    W: NDArray[Any]
    V: NDArray[Any]
    b: NDArray[Any]
    c: NDArray[Any]


class Work(Protocol):
    """The arrays that all cells have."""

    @property
    def states(self) -> NDArray[Any]:
        """The states, of shape (STATES, T + 1, B, m); row 0 is the state before the sequence."""

    @property
    def output(self) -> Output:
        """The arrays of the output layer."""


class Cell(Protocol):
    """A module that fulfils the contract."""

    BLOCKS: int
    STATES: int

    def workspace(self, K: int, m: int, T: int, B: int, dtype: Any, dropout: bool = False) -> Any:
        """Return zeroed arrays for B streams of T characters."""

    def forward(self, p: Parameters, x: NDArray[Any], work: Any) -> None:
        """Fill the states and the probabilities for the characters x (T, B)."""

    def backward(
        self, p: Parameters, x: NDArray[Any], y: NDArray[Any], work: Any, d: Parameters
    ) -> None:
        """Fill the gradients d of the loss, after `forward` on the same x."""

    def state_gradients(self, p: Parameters, work: Any) -> NDArray[Any]:
        """Return dL / dh_{t-1} for each t, of shape (T, B, m), after `backward`."""


NAMES = ("BLOCKS", "STATES", "workspace", "forward", "backward", "state_gradients")


def shapes(cell: Cell, K: int, m: int) -> dict[str, tuple[int, ...]]:
    """Return the shape of each parameter of a cell, by name."""
    rows = cell.BLOCKS * m
    return {"U": (rows, K), "W": (rows, m), "V": (K, m), "b": (rows,), "c": (K,)}


def check_contract(name: str, cell: Cell) -> None:
    """Check that a module defines everything that a cell must define.

    Raises
    ------
    TypeError
        When something is missing; the message names the cell and the missing parts.
    """
    if missing := [part for part in NAMES if not hasattr(cell, part)]:
        raise TypeError(f"the cell {name!r} does not define {', '.join(missing)}: see rnn/cells.py")
