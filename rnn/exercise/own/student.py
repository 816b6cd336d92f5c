"""A student's functions in the place of the network's own.

They run in a process apart (`rnn.exercise.own.inside`), which is sent arrays and returns arrays.
The loop over updates runs there, too, and hands control back as the compiled one does.
"""

import hashlib
import os
import signal
import subprocess
import sys
import weakref
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from importlib.util import decode_source
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnn.cells import Parameters
from rnn.errors import InputError
from rnn.exercise.answers import answers
from rnn.exercise.folder.check import FUNCTIONS
from rnn.exercise.own.pipe import receive, send
from rnn.files import child, process
from rnn.files.paths import content
from rnn.gradcheck import GradientCheck, H, chosen, relative_error
from rnn.network import Model, Network, slices, views
from rnn.numerics.generator import PASSAGE, generator, uniform
from rnn.run import Functions
from rnn.settings import Settings
from rnn.text import decode, encode, normalise
from rnn.updates import SMOOTHING, Learner, Plan, Record

COMMAND = [sys.executable, "-P", "-m", "rnn.exercise.own.inside"]
LIMIT, FIRST_LIMIT = 60.0, 10.0  # seconds for a call: later, and on small arrays before any work
LARGEST = 1_000_000  # bytes of a file
PIECE = 100  # central differences between two looks at the progress
HONOURED: dict[str, Any] = {
    "cell": "rnn",
    "dtype": "float64",
    "batch_size": 1,
    "optimiser": "adagrad",
    "schedule": "constant",
    "warmup": 0,
    "clip_by": "value",
    "dropout": 0.0,
    "threads": 1,
    "temperature": 1.0,
    "top_p": 1.0,
}


class Verdict(NamedTuple):
    """What the exercise's check says of a function: right, wrong or not checked, and why."""

    function: str
    status: str
    seen: str


class Own:
    """A student's functions, in a process of their own.

    Attributes
    ----------
    name, sha256
        The name of the file, and its SHA-256.
    text
        What stands in it.

    Parameters
    ----------
    path
        The file.
    limit
        How many seconds a call may take.

    Raises
    ------
    InputError
        When the file can't be read, or is not Python. All methods that call a function raise it
        when the function fails, with a line that says which and where.
    """

    def __init__(self, path: str | Path, limit: float = LIMIT) -> None:
        source = content(Path(path), LARGEST)
        self.name, self.sha256 = Path(path).name, hashlib.sha256(source).hexdigest()
        try:
            self.text = decode_source(source)
        except (SyntaxError, UnicodeDecodeError) as error:
            raise InputError(f"{path} is not Python: {error}") from None
        self._process = subprocess.Popen(  # noqa: S603  our own program
            COMMAND,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=Path(path).resolve().parent,
            env=_environment(),
            start_new_session=True,  # an interrupt is for the program that asks
            preexec_fn=child.starting(),
        )
        self.close = weakref.finalize(self, _end, self._process)
        self._verdicts: list[Verdict] = []
        bytes_ = np.frombuffer(source, np.uint8)
        self.ask("load", path=np.array(str(path)), source=bytes_, limit=np.array(limit))

    def ask(self, what: str, **arrays: Any) -> dict[str, NDArray[Any]]:
        """Have the other process do something, and return what it answers."""
        pipe_in, pipe_out = self._process.stdin, self._process.stdout
        assert pipe_in is not None  # noqa: S101  # both are pipes
        assert pipe_out is not None  # noqa: S101
        try:
            send(pipe_in, {"what": np.array(what), **arrays})
            answer = receive(pipe_out)
        except (OSError, ValueError):  # closed, or what comes back is no archive
            answer = None
        if answer is None:
            self.close()
            raise InputError(f"{self.name}: its process ended: {_how(self._process.returncode)}")
        if "fault" in answer:
            raise InputError(f"{self.name}: {answer['fault']}")
        return answer

    def examine(self) -> None:
        """Call each function once on small arrays, to refuse what can't work before any work."""
        self.ask("examine")

    @property
    def functions(self) -> Functions:
        """What training calls."""
        return Functions(self._updates, self._write, self._evaluate)

    def _updates(
        self,
        learner: Learner,
        streams: NDArray[Any],
        plan: Plan,
        position: int,
        step: int,
        smooth_loss: float,
        record: Record,
    ) -> int:
        """Make updates as `rnn.updates.updates` does, for one stream."""
        count, T = plan.rates.size, learner.work.states.shape[1] - 1
        if not count:
            return 0
        K, m = learner.p.V.shape
        sums, h = views(learner.memory[0], "rnn", K, m), learner.work.states[0, 0, 0]
        answer = self.ask(
            "train",
            **_named("p", learner.p),
            **_named("s", sums),
            h=h,
            text=streams[0, position : position + count * T + 1].astype(np.int64),
            T=np.array(T),
            limit=np.array(plan.clip),
            eta=np.array(plan.rates[0]),
            first=np.array(step == 0),
        )
        for prefix, parts in (("p", learner.p), ("s", sums)):
            for name, part in parts._asdict().items():
                part[:] = answer[f"{prefix}.{name}"]
        h[:], made = answer["h"], int(answer["made"])
        record.losses[:], record.clipped[:] = answer["losses"], answer["clipped"]
        record.norms[:] = answer["norms"]
        for k in range(made):
            loss = record.losses[k]
            smooth_loss = loss if step + k == 0 else smooth_loss + SMOOTHING * (loss - smooth_loss)
            record.smoothed[k] = smooth_loss
        return made

    def _write(
        self,
        network: Network,
        states: NDArray[Any],
        first: int,
        length: int,
        *,
        random: NDArray[np.int64],
    ) -> NDArray[np.int64]:
        """Write text as `rnn.sampling.write` does, from the same random numbers."""
        if not length:
            return np.zeros(0, np.int64)
        numbers = np.array([uniform(random) for _ in range(length)])
        h, x, n = np.ravel(states), np.array(first), np.array(length)
        return self.ask("write", **_named("p", network.p), h=h, x=x, n=n, uniform=numbers)["text"]

    def _evaluate(
        self, network: Network, text: NDArray[Any], states: NDArray[Any], limit: int = 0
    ) -> float:
        """Return the loss on a text as `rnn.evaluation.evaluate` does, by their forward pass."""
        text = text[: limit or None]
        if len(text) < 2:
            return float("nan")
        return float(self._read(network, text, states)["nats"]) / (len(text) - 1)

    def _read(
        self, network: Network, text: NDArray[Any], states: NDArray[Any]
    ) -> dict[str, NDArray[Any]]:
        p, h = _named("p", network.p), np.ravel(states)
        return self.ask("evaluate", **p, text=text.astype(np.int64), h=h)

    def compose(
        self,
        model: Model,
        length: int,
        *,
        prime: str = "",
        temperature: float = 1.0,
        top_p: float = 1.0,
        seed: int = 0,
    ) -> str:
        """Return new text as `rnn.sampling.compose` does, from the same random numbers."""
        if (temperature, top_p) != (1, 1):
            raise InputError(f"{self.name} writes with temperature=1.0 and top_p=1.0 alone")
        first, states = model.first, model.states
        if prime:
            form = normalise(prime, model.lowercase, model.unicode_form)
            read = encode(form, model.vocabulary)
            zero = np.zeros(model.network.m)
            first, states = int(read[-1]), self._read(model.network, read, zero)["h"]
        random = generator(seed, PASSAGE)
        return decode(
            self._write(model.network, states, first, length, random=random), model.vocabulary
        )

    def gradient(
        self, network: Network, x: NDArray[np.int64], y: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Return the gradient that `backward` gives, as `rnn.gradcheck.analytic_gradient` does."""
        answer = self.ask("gradient", **_named("p", network.p), x=x[:, 0], y=y[:, 0])
        flat = np.zeros(network.theta.size)
        for name, part in network.like(flat).p._asdict().items():
            part[:] = answer[f"d.{name}"]
        return flat

    def differences(
        self,
        check: GradientCheck,
        network: Network,
        x: NDArray[np.int64],
        y: NDArray[np.int64],
        gradient: NDArray[np.float64],
        *,
        seed: int = 0,
        progress: Callable[[Iterable[Any]], Iterable[Any]] = iter,
    ) -> GradientCheck:
        """Return a gradient check with central differences of the student's own loss.

        Parameters
        ----------
        check
            The check of the gradient against the network of the equations.
        network, x, y, seed, progress
            As for `rnn.gradcheck.check_gradients`.
        gradient
            The gradient that was checked, flat.
        """
        entries, errors, pieces = chosen(network, x.size, seed), {}, []
        places = network.like(np.arange(network.theta.size)).p._asdict()
        asked = {"x": x[:, 0], "y": y[:, 0], "step": np.array(H), **_named("p", network.p)}
        numeric = np.zeros(network.theta.size)
        for name in slices(network.cell, network.K, network.m):
            mine = np.flatnonzero(np.isin(places[name].reshape(-1), entries))
            errors[name] = places[name].reshape(-1)[mine]
            cuts = np.array_split(mine, max(1, mine.size // PIECE))
            pieces += [(name, cut) for cut in cuts]
        for name, cut in progress(pieces):
            answer = self.ask("differences", **asked, name=np.array(name), entries=cut)
            numeric[places[name].reshape(-1)[cut]] = answer["result"]
        return replace(
            check,
            central_difference={
                name: relative_error(gradient[at], numeric[at]) for name, at in errors.items()
            },
        )

    def verdicts(self) -> list[Verdict]:
        """Return what the exercise's check says of each function."""
        if not self._verdicts:
            answer = self.ask("judge", **answers("rnn"))
            found = zip(FUNCTIONS, answer["verdicts"], answer["seen"], strict=True)
            self._verdicts = [Verdict(name, str(one), str(why).strip()) for name, one, why in found]
        return self._verdicts


def opened(student: str | Path, settings: Settings) -> Own | None:
    """Return a student's functions for a notebook; None if no file is named.

    Raises
    ------
    InputError
        When they can't be used, or can't honour the settings.
    """
    if not student:
        return None
    if refused := not_honoured(settings):
        raise InputError(f"{Path(student).name} {refused}")
    return Own(student)


def check(student: Path) -> str:
    """See that a student's functions can be used, and return the SHA-256 of the file.

    Raises
    ------
    InputError
        When they can't.
    """
    own = Own(student, FIRST_LIMIT)
    try:
        own.examine()
    finally:
        own.close()
    return own.sha256


def not_honoured(settings: Settings) -> str:
    """Say which parameters a student's functions can't honour; empty if they honour all."""
    given = {name: getattr(settings, name) for name in HONOURED}
    odd = [f"{name}={value}" for name, value in given.items() if value != HONOURED[name]]
    if not odd:
        return ""
    rule = ", ".join(f"{name.partition('=')[0]}={HONOURED[name.partition('=')[0]]}" for name in odd)
    return f"can't honour {', '.join(odd)}: its functions are for {rule}"


def _environment() -> dict[str, str]:
    """Return the environment of the process: the same each time, with one thread for BLAS."""
    kept = {name: os.environ[name] for name in process.KERNEL if name in os.environ}
    return (
        kept
        | dict.fromkeys(process.THREADS, "1")
        | {
            "PYTHONPATH": process.ROOT,
            "PYTHONHASHSEED": "0",
            "PYTHONNOUSERSITE": "1",
            "PYTHONUTF8": "1",
        }
    )


def _named(prefix: str, parts: Parameters) -> dict[str, NDArray[Any]]:
    """Return parameters under names with a prefix, each in rows."""
    return {
        f"{prefix}.{name}": np.ascontiguousarray(part) for name, part in parts._asdict().items()
    }


def _end(ended: "subprocess.Popen[bytes]") -> None:
    """End the process, and what it may have started."""
    for pipe in (ended.stdin, ended.stdout):
        if pipe is not None:
            with suppress(OSError):  # of what was not sent
                pipe.close()
    if ended.poll() is None:
        os.killpg(ended.pid, signal.SIGKILL)
    ended.wait()


def _how(status: int) -> str:
    """Say how a process ended."""
    if status == -signal.SIGKILL:
        return "killed: perhaps the memory ran out"
    return signal.Signals(-status).name if status < 0 else f"exit status {status}"
