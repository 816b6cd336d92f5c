"""Temperatures and top-p: the texts equal those of `compose`, the entropies a slow computation."""

import numpy as np
import pytest

from rnn.analysis import variants as module
from rnn.analysis.variants import variants
from rnn.sampling import compose
from rnn.text import encode
from tests import reference

WAYS = [(1.0, 1.0), (0.5, 1.0), (2.0, 1.0), (1.0, 0.5), (0.7, 0.8)]


def test_a_slow_network_has_the_same_entropy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LENGTH", 60)
    monkeypatch.setattr(module, "PRODUCTS", 10**6)
    model = reference.small_model()
    length = int(np.clip(10**6 // model.network.theta.size, 100, 60))
    for (temperature, top_p), found in zip(WAYS, variants(model, WAYS, 3), strict=True):
        assert (found.temperature, found.top_p) == (temperature, top_p)
        text = compose(model, length, temperature=temperature, top_p=top_p, seed=3)
        assert found.text == text
        read = np.append([model.first], encode(text, model.vocabulary)[:-1])
        p = reference.weights(model.network)
        bits = 0.0
        for row in reference.forward(p, read, model.states)[1]:
            q = row ** (1 / temperature)
            q /= q.sum()
            order = np.argsort(-q, kind="stable")
            before = np.cumsum(q[order]) - q[order]
            kept = q[order[before < top_p]] if top_p < 1 else q
            kept = kept / kept.sum()
            bits -= float(np.sum(kept * np.log2(kept)))
        assert found.bits == pytest.approx(bits / length, rel=1e-6)


def test_both_turn_the_entropy() -> None:
    model = reference.small_model()
    as_it_is, cold, hot, cut, _ = (each.bits for each in variants(model, WAYS))
    assert cold < as_it_is < hot
    assert cut < as_it_is
