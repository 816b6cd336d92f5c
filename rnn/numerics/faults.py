"""Why code can't be compiled, or fails once it is, in one line that names the file and the line.

Numba's own message is long and buries the reason. Machine code that fails doesn't know its line; so
it is run once more as plain Python, which does.
"""

import re
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).resolve().parents[1]
OWN = (PACKAGE / "numerics" / "faults.py", PACKAGE / "numerics" / "compiled.py")
LONGEST = 200  # characters of a reason
PLACE = re.compile(r'File "([^"\n]+)", line (\d+)|(?:at|from) (/[^\n()]+) \((\d+)\)')
ARRAY = re.compile(r"(?:readonly |unaligned )?array\((\w+), (\d)d, \w\)")
NUMBER = re.compile(r"Literal\[(\w+)\]\([^)]*\)")
# What students meet, with what to write instead; the groups of a pattern fill the braces.
KNOWN = (
    (
        r"name '(\w+)' is not defined|global name '(\w+)' is not defined",
        "the name '{}' is not defined",
    ),
    (
        r"lowering (?:\w+)\(.*\)\.(\w+) = |can't set attribute(?: '(\w+)')?|has no setter",
        "a field of a named tuple can't be assigned to: fill the array, as in d.W[:] = ... or"
        " d.W[:] += ...",
    ),
    (
        r"getitem\(range|global name 'reversed'",
        "compiled code can't reverse a range: count down, as in range(T - 1, -1, -1)",
    ),
    (
        r"getiter with parameters \((?:Uni)?Tuple",
        "compiled code can't loop over arrays of different kinds: write a line for each",
    ),
    (
        r"NumPy function '(?:numpy\.)?([\w.]+)'",
        "compiled code has no np.{}, or not with these arguments: use another way, such as a loop",
    ),
    (
        r"[Uu]nknown attribute '(\w+)' of type Module\(<module 'numpy|module 'numpy[\w.]*' has no"
        r" attribute '(\w+)'",
        "NumPy has no np.{}, or compiled code doesn't know it",
    ),
    (r"[Uu]nknown attribute '(\w+)' of type (\w+)\(", "{1} has no field '{0}'"),
    (
        r"global name '(\w+)':? [Cc]annot determine Numba type of <class 'function'>",
        "{} is a plain function: write @compiled above its def",
    ),
    (
        r"global name '(\w+)'",
        "compiled code can't use '{}'",
    ),
    (
        r">>> (?:dot|matmul|_impl)\(array\((\w+),[^)]*\), array\((?!\1\b)(\w+),",
        "a product needs two arrays of one dtype, and these are {} and {}",
    ),
    (
        r"\bnone\b|NoneType|dtype\('O'\)",
        "there is None where a number belongs: does a function lack its return?",
    ),
    (
        r">>> \w+\(array\(undefined",
        "compiled code can't make an array of a list of arrays: fill one that np.zeros makes",
    ),
    (r">>> _impl\((.*)\)", "compiled code can't make this product: of {}"),
    (
        r"found for signature:\s*>>> (\w+\(.*\))",
        "compiled code can't do this: {}",
    ),
    (
        r"Cannot unify (.+?) and (.+?) for '(\w+)[\w.]*'",
        "{2} can't be two things, {0} and {1}: give each a name of its own",
    ),
)


class SourceError(Exception):
    """The source of the network can't be compiled, or fails: says where, and why."""

    def _render_traceback_(self) -> list[str]:  # IPython looks for this name
        return [f"{type(self).__name__}: {self}"]


def line(error: BaseException) -> str:
    """Return where and why an error arose, as in `rnn/vanilla.py, line 90: the name 'a' ...`."""
    named = [(m[1] or m[3], int(m[2] or m[4])) for m in PLACE.finditer(str(error))]
    frames = [(f.filename, f.lineno or 0) for f in traceback.extract_tb(error.__traceback__)]
    for file, number in reversed(named or frames):
        path = Path(file).resolve()
        if path.is_relative_to(PACKAGE) and path not in OWN:
            return f"{path.relative_to(PACKAGE.parent).as_posix()}, line {number}: {reason(error)}"
    return reason(error)


def reason(error: BaseException) -> str:
    """Return why an error arose, in one line."""
    text = re.sub(r"^Failed in [^\n]*\n", "", str(error)).strip()
    for pattern, said in KNOWN:
        if found := re.search(pattern, text):
            text = said.format(*filter(None, found.groups()))
            break
    text = (
        text.partition("\n")[0].partition(" Raised from ")[0]
        or f"{type(error).__name__}, without a word why"
    )
    text = NUMBER.sub(r"\1", ARRAY.sub(r"a \2-d array of \1", text))
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def called(function: Callable[..., Any], *args: Any) -> None:
    """Call a compiled function that fills arrays.

    Raises
    ------
    SourceError
        When it can't be compiled, or fails.
    """
    try:
        function(*args)
    except Exception as error:
        plain = getattr(function, "py_func", None)
        if plain is None:  # plain Python says by itself where it fails
            raise
        try:
            plain(*args)
        except SourceError:
            raise
        except Exception as better:
            raise SourceError(line(better)) from None
        if isinstance(error, SourceError):
            raise
        raise SourceError(line(error)) from None
