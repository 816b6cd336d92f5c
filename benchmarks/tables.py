"""The results as Markdown: medians with their quartiles, beside the bars that they must meet."""

from collections.abc import Iterable, Sequence
from statistics import median, quantiles
from typing import Any

from benchmarks.peers.profile import of_each

Result = dict[str, Any]

NAMES = {
    "ours": "ours",
    "course": "the course's loop",
    "minchar": "min-char-rnn's loop",
    "pytorch": "PyTorch, eager",
    "jax_scan": "JAX, jit and scan",
    "c_loop": "C and OpenBLAS",
    "floor": "the floor",
}
# The least ratio of our updates per second to a peer's, and the largest of our time to the floor's.
BARS = {"course": 15.0, "minchar": 15.0, "pytorch": 12.0, "jax_scan": 1.2}
FLOOR_BAR = 1.3
# The parts of our update, and the parts of the floor that belong to each.
SHARES = {
    "forward through time": ("T products W h", "T × m tanh"),
    "output layer": ("V H", "T × K exp"),
    "back through the output layer": ("gV", "Vᵀg"),
    "back through time": ("T products Wᵀ∂a", "gW"),
    "clipping": (),
    "update rule": ("optimiser",),
}


def spread(values: Sequence[float], digits: int = 4) -> str:
    """Return a median and its quartiles, as text."""
    low, middle, high = quartiles(values)
    return f"{number(middle, digits)} ({number(low, digits)} to {number(high, digits)})"


def quartiles(values: Sequence[float]) -> tuple[float, float, float]:
    """Return the lower quartile, the median and the upper quartile."""
    if len(values) < 2:
        return values[0], values[0], values[0]
    low, _, high = quantiles(values, n=4, method="inclusive")
    return low, median(values), high


def number(value: float, digits: int = 4) -> str:
    """Format a number with `digits` significant digits, and commas."""
    text = f"{value:.{digits}g}"
    return f"{float(text):,.0f}" if abs(value) >= 10 ** (digits - 1) else f"{float(text):,}"


def ratio(ours: Result, peer: Result) -> tuple[float, str]:
    """Return the ratio of our updates per second to a peer's, and its text with quartiles."""
    by_round = [b / a for a, b in zip(ours["turns"], peer["turns"], strict=True)]
    low, _, high = quartiles(by_round)
    middle = median(peer["turns"]) / median(ours["turns"])
    return middle, f"{number(middle, 3)} ({number(low, 3)} to {number(high, 3)})"


def find(results: Iterable[Result], **wanted: Any) -> Result | None:
    """Return the result with these values, if there is one."""
    return next((r for r in results if all(r[k] == v for k, v in wanted.items())), None)


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [columns, ["---", *["---:"] * (len(columns) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _met(is_met: bool) -> str:
    return "yes" if is_met else "**no**"


def updates(results: list[Result]) -> str:
    """Return the tables of updates per second, one for each precision and number of cores."""
    text = ""
    for dtype in ("float64", "float32"):
        for cores in (1, 2):
            ours = find(results, peer="ours", dtype=dtype, cores=cores)
            rows = []
            for peer in (r for r in results if r["dtype"] == dtype and r["cores"] == cores):
                name, times = peer["peer"], peer["turns"]
                row = [NAMES[name], spread([t * 1e6 for t in times]), number(1 / median(times))]
                if name in BARS and ours:
                    value, words = ratio(ours, peer)
                    row += [words, f"at least {BARS[name]:g}", _met(value >= BARS[name])]
                elif name == "c_loop" and ours:
                    row += [ratio(ours, peer)[1], "", ""]
                elif name == "floor" and ours:
                    value = median(ours["turns"]) / median(times)
                    by_round = [a / b for a, b in zip(ours["turns"], times, strict=True)]
                    low, _, high = quartiles(by_round)
                    words = f"its time × {value:.2f} ({low:.2f} to {high:.2f})"
                    row += [words, f"at most × {FLOOR_BAR}", _met(value <= FLOOR_BAR)]
                else:
                    row += ["", "", ""]
                rows.append(row)
            columns = ["", "µs per update", "updates per second", "ours against it", "bar", "met"]
            text += f"### {dtype}, {_cores(cores)}\n\n{_table(columns, rows)}\n"
    floors = [r for r in results if r["peer"] == "floor"]
    if floors:
        rows = [
            [
                part,
                *(
                    f"{median(f['parts'][part]['turns']) * 1e6:.1f} ({f['parts'][part]['by']})"
                    for f in floors
                ),
            ]
            for part in floors[0]["parts"]
        ]
        columns = ["µs per update, and the quickest way", *(f["dtype"] for f in floors)]
        text += f"### The floor, part by part\n\n{_table(columns, rows)}\n"
    return text + _missed(results)


def _missed(results: list[Result]) -> str:
    """Explain each bar in float64 that no such update can reach, since it lies below the floor."""
    ours, floor = (find(results, peer=name, dtype="float64", cores=1) for name in ("ours", "floor"))
    words = ""
    for name in ("course", "minchar", "pytorch", "jax_scan") if ours and floor else ():
        peer = find(results, peer=name, dtype="float64", cores=1)
        if peer and ours and floor:
            asked, least = median(peer["turns"]) / BARS[name], median(floor["turns"])
            if asked < least:
                words += (
                    f"To reach {BARS[name]:g} times {NAMES[name]}, an update would have to take"
                    f" {asked * 1e6:.0f} µs. The floor, which is the sum of its parts at their"
                    f" best, is {least * 1e6:.0f} µs: that bar is below it.\n\n"
                )
    return words


def profile(results: list[Result]) -> str:
    """Return the table of the times of each part, in our update and in the floor."""
    columns, cells = ["µs per update"], {part: [part] for part in (*SHARES, "all")}
    for ours in (r for r in results if r["peer"] == "profile"):
        sizes = {name: ours[name] for name in ("m", "T", "B", "dtype")}
        floor = find(results, peer="floor", **sizes)
        if not floor:
            continue
        columns += [f"m={ours['m']}, B={ours['B']}, {ours['dtype']}: ours", "the floor's"]
        spent, least = (
            {p: median(v["turns"]) for p, v in r["parts"].items()} for r in (ours, floor)
        )
        mine = of_each(spent)
        theirs = {part: sum(least[one] for one in shares) for part, shares in SHARES.items()}
        for part in SHARES:
            cells[part] += [f"{each[part] * 1e6:,.1f}" for each in (mine, theirs)]
        cells["all"] += [f"{sum(each.values()) * 1e6:,.1f}" for each in (mine, theirs)]
    return _table(columns, cells.values()) + "\n"


def batch(results: list[Result]) -> str:
    """Return the table of characters per second by hidden size."""
    rows = []
    for ours in (r for r in results if r["peer"] == "ours"):
        for peer in ("pytorch", "jax_scan", "c_loop"):
            other = find(results, peer=peer, m=ours["m"], cores=ours["cores"])
            if not other:
                continue
            value, words = ratio(ours, other)
            characters = ours["T"] * ours["B"]
            rows.append(
                [
                    f"m={ours['m']}, {_cores(ours['cores'])}",
                    spread([characters / t for t in ours["turns"]]),
                    NAMES[peer],
                    spread([characters / t for t in other["turns"]]),
                    words,
                    _met(value >= 1),
                ]
            )
    columns = [
        "",
        "ours, characters per second",
        "peer",
        "its characters per second",
        "ours against it",
        "at least 1",
    ]
    return _table(columns, rows) + "\n"


def growth(results: list[Result]) -> str:
    """Return the table of time per update against each size."""
    rows = [
        [
            f"{r['grows']} = {r[r['grows']]}",
            spread([t * 1e6 for t in r["turns"]]),
            number(r["T"] * r["B"] / median(r["turns"])),
        ]
        for r in results
    ]
    return _table(["m=100, T=25, B=1, but", "µs per update", "characters per second"], rows) + "\n"


def startup(results: list[Result]) -> str:
    """Return the table of starts."""
    parts = list(results[0]["parts"])
    rows = [
        [
            r["start"],
            *(f"{r['parts'][part]:.2f}" for part in parts),
            f"{r['compiled']:.2f}",
            f"{r['import']:.2f}",
            "below 1" if i else "",
            _met(r["compiled"] < 1) if i else "",
        ]
        for i, r in enumerate(results)
    ]
    columns = ["start", *parts, "all compiled functions", "Python and imports", "bar", "met"]
    return f"Seconds, in float64.\n\n{_table(columns, rows)}\n"


def memory(results: list[Result]) -> str:
    """Return the table of memory against the length of the book."""
    rows = [
        [
            f"{r['megabytes']:,} MB",
            f"{r['peak'] / 1e6:,.0f} MB",
            f"{r['read']:.1f}",
            f"{r['first_update']:.1f}",
            f"{r['whole']:.1f}",
            "below 1,500 MB",
            _met(r["peak"] < 1.5e9),
        ]
        for r in results
    ]
    columns = [
        "book",
        "peak memory",
        "s until it is read",
        "s until the first update",
        "s until 2,000 updates are made",
        "bar",
        "met",
    ]
    return _table(columns, rows) + "\n"


def checks(results: list[Result]) -> str:
    """Return the table of the gradient check and of sampling."""
    (r,) = results
    rows = []
    for method, limit in (("central_difference", 1e-6), ("complex_step", 1e-15)):
        seconds, errors = r[method]["seconds"], r[method]["relative_errors"]
        worst = max(errors.values())
        rows += [
            [
                f"{method.replace('_', ' ')}, {r['checked']:,} entries",
                f"{seconds:.2f} s",
                "at most 5 s",
                _met(seconds <= 5),
            ],
            [
                f"{method.replace('_', ' ')}, largest ‖a-n‖/(‖a‖+‖n‖)",
                ", ".join(f"{name} {value:.1e}" for name, value in errors.items()),
                f"at most {limit:.0e}",
                _met(worst <= limit),
            ],
        ]
    sampling = r["sampling"]
    scale = sampling["characters"] / 1e6
    rows.append(
        [
            f"sampling {sampling['characters']:,} characters",
            f"{sampling['seconds']:.2f} s",
            f"at most {10 * scale:g} s",
            _met(sampling["seconds"] <= 10 * scale),
        ]
    )
    return _table(["m=100, K=54, T=25", "", "bar", "met"], rows) + "\n"


def _cores(count: int) -> str:
    return "one core" if count == 1 else "two cores"


TITLES = {
    "updates": ("Updates at the assignment's sizes: m=100, T=25, B=1", updates),
    "profile": ("The time of an update, part by part", profile),
    "batch": ("Batches: B=32, T=50, float32", batch),
    "growth": ("Time per update as one size grows, float64, one core", growth),
    "startup": ("Start-up", startup),
    "memory": ("Memory against the length of the book", memory),
    "checks": ("Gradient check and sampling", checks),
}


def page(results: dict[str, Any], pictures: dict[str, str]) -> str:
    """Return the whole page: the machine and the book, then a table and a plot for each part."""
    machine, versions, book = results["machine"], results["versions"], results["book"]
    text = (
        "# Benchmarks\n\n"
        f"Written by `make bench` on {results['date']}"
        f"{', a quick run' if results['quick'] else ''}: {results['rounds']} rounds in which the"
        " programs take turns, each in a process of its own. The figures are medians, with"
        " quartiles in brackets. A ratio is that of the medians, with the quartiles of the ratios"
        " in each round.\n\n"
        f"- Machine: {machine['processor']}, {machine['cores']} cores, {machine['memory_gb']} GB,"
        f" {machine['system']}; load before and after: {results['load'][0]:.1f},"
        f" {results['load'][1]:.1f}\n"
        f"- Versions: {', '.join(f'{name} {v}' for name, v in versions.items())}\n"
        f"- Book: {book['name']}, {book['characters']:,} characters, K={book['K']},"
        f" SHA-256 {book['sha256'][:12]}\n\n"
        "Every program was shown to compute the same gradient and the same losses as ours before it"
        " was timed.\n\n"
    )
    for part, result in results["parts"].items():
        title, table = TITLES[part]
        text += f"## {title}\n\n"
        if (date := results.get("again", {}).get(part)) is not None:
            text += f"Measured again on {date}.\n\n"
        text += table(result)
        if part in pictures:
            text += f"![{title}]({pictures[part]})\n\n"
    return text.rstrip() + "\n"
