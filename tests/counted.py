"""Helpers for the tests of counting: texts, and slow models straight from the formulas."""

import math
from collections import Counter, defaultdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnn.text import index_type


def indices(characters: Any, K: int) -> NDArray[Any]:
    """Return indices of characters in the type that K characters take."""
    return np.array(characters, index_type(K))


def random_text(seed: int, K: int, length: int) -> NDArray[Any]:
    """Return a text that repeats itself here and there, so that long n-grams occur twice."""
    rng = np.random.default_rng(seed)
    words = [rng.integers(K, size=rng.integers(1, 7)) for _ in range(20)]
    text = np.concatenate([words[w] for w in rng.integers(len(words), size=length)])
    return indices(text[:length], K)


class KneserNey:
    """Modified Kneser-Ney by recursion over tuples, on dictionaries filled by reading the text."""

    def __init__(self, text: list[int], K: int) -> None:
        self.K = K
        self.raw: dict[int, dict[tuple[int, ...], Counter[int]]] = {}
        self.varied: dict[int, dict[tuple[int, ...], Counter[int]]] = {}
        for n in range(1, 10):
            raw: dict[tuple[int, ...], Counter[int]] = defaultdict(Counter)
            before: dict[tuple[int, ...], set[int]] = defaultdict(set)
            for i in range(len(text) - n + 1):
                raw[tuple(text[i : i + n - 1])][text[i + n - 1]] += 1
                if i:
                    before[tuple(text[i : i + n])].add(text[i - 1])
            varied: dict[tuple[int, ...], Counter[int]] = defaultdict(Counter)
            for gram, characters in before.items():
                varied[gram[:-1]][gram[-1]] = len(characters)
            self.raw[n], self.varied[n] = dict(raw), dict(varied)
        self.taken = {
            (n, top): self.discounts((self.raw if top else self.varied)[n])
            for n in self.raw
            for top in (False, True)
        }

    @staticmethod
    def discounts(table: dict[tuple[int, ...], Counter[int]]) -> tuple[float, ...]:
        """Return what is taken off a count of 0, 1, 2, and 3 or more."""
        often = Counter(count for followers in table.values() for count in followers.values())
        n1, n2, n3, n4 = (often[j] for j in (1, 2, 3, 4))
        if min(n1, n2, n3, n4) > 0:
            Y = n1 / (n1 + 2 * n2)
            found = (1 - 2 * Y * n2 / n1, 2 - 3 * Y * n3 / n2, 3 - 4 * Y * n4 / n3)
            if min(found) > 0:
                return (0, *found)
        return (0, 0.5, 1, 1.5)

    def probability(self, n: int, context: list[int], w: int, top: bool = True) -> float:
        """Return p_n, or q_n if it is not the top, of a character given the n - 1 before it."""
        if n == 0:
            return 1 / self.K
        if len(context) < n - 1:
            return self.probability(n - 1, context, w, False)
        table = (self.raw if top else self.varied)[n]
        h = tuple(context[len(context) - n + 1 :])
        shorter = self.probability(n - 1, context, w, False)
        if h not in table:
            return shorter
        seen = table[h]
        taken = self.taken[n, top]
        left = sum(taken[min(c, 3)] for c in seen.values())
        kept = seen[w] - taken[min(seen[w], 3)]
        return (kept + left * shorter) / seen.total()


class Adapting:
    """Counting that adapts, computed anew from the whole text before each character."""

    def __init__(self, K: int, context: int, rate: float) -> None:
        self.K, self.C, self.rate = K, context, rate
        self.u: dict[tuple[Any, ...], float] = defaultdict(float)
        self.v: dict[tuple[Any, ...], float] = defaultdict(lambda: 1.0)

    @staticmethod
    def size(number: int, last: int) -> int:
        """Return the class of a number from 1."""
        return min(int(math.log2(number)), last)

    def features(self, text: list[int]) -> list[tuple[tuple[Any, ...], dict[int, Any]]]:
        """Return the class of each context seen before, and f and the class of its followers."""
        model, found = KneserNey(text, self.K), []
        q = [1 / self.K] * self.K
        for n in range(1, self.C + 2):
            if len(text) < n - 1:
                break
            top = n == self.C + 1
            h = tuple(text[len(text) - n + 1 :])
            raw = model.raw[n].get(h, Counter())
            seen = raw if top else model.varied[n].get(h, Counter())
            if not seen:
                continue
            after = [model.probability(n, text, w, top) for w in range(self.K)]
            last = next(
                text[i + n - 1]
                for i in range(len(text) - n, -1, -1)
                if tuple(text[i : i + n - 1]) == h
            )
            occurred = raw.total() + (n > 1)
            sort = (n, self.size(len(seen), 7), self.size(occurred, 7))
            unseen = [w for w in range(self.K) if w not in seen]
            # The same for all that did not follow, so it may be taken off.
            left = sum(model.taken[n, top][min(c, 3)] for c in seen.values()) / seen.total()
            base = math.log(after[unseen[0]] / q[unseen[0]] if unseen else left)
            gains = {
                w: (math.log(after[w] / q[w]) - base, (*sort, self.size(count, 3), w == last))
                for w, count in seen.items()
            }
            found.append((sort, gains))
            q = after
        return found

    def log_p(self, text: list[int], y: int | None) -> list[float]:
        """Return the log-probabilities after a text, and learn the weights if y came next."""
        features = self.features(text)
        s = [0.0] * self.K
        for sort, gains in features:
            for w, (f, kind) in gains.items():
                s[w] += self.v[sort] * f + self.u[kind]
        total = math.log(math.fsum(map(math.exp, s)))
        log_p = [x - total for x in s]
        if y is not None:
            for sort, gains in features:
                for w, (f, kind) in gains.items():
                    step = self.rate * ((w == y) - math.exp(log_p[w]))
                    self.v[sort] += step * f
                    self.u[kind] += step
        return log_p
