"""Right solutions in styles of their own, for the tests."""

# mypy: ignore-errors

from types import SimpleNamespace

import numpy as np


def loops_softmax(o):
    P = np.zeros_like(o, float)
    for t, row in enumerate(o):
        shifted = [np.exp(score - max(row)) for score in row]
        P[t] = [e / sum(shifted) for e in shifted]
    return P


def loops_forward(p, x, h0):
    m, K, T = len(p.b), len(p.c), len(x)
    h, P = np.zeros((T + 1, m)), np.zeros((T, K))  # these lose complex numbers
    h[0] = h0
    for t in range(T):
        for j in range(m):
            h[t + 1, j] = np.tanh(
                sum(p.W[j, i] * h[t, i] for i in range(m)) + p.U[j, x[t]] + p.b[j]
            )
        P[t] = loops_softmax(np.array([[p.V[k] @ h[t + 1] + p.c[k] for k in range(K)]]))[0]
    return h, P


def loops_loss(P, y):
    total = 0.0
    for row, k in zip(P, y, strict=True):
        total += -np.log(row[k])
    return total


def loops_backward(p, x, y, h, P):
    m, K, T = len(p.b), len(p.c), len(x)
    d = {name: np.zeros(part.shape) for name, part in p._asdict().items()}
    following = np.zeros(m)
    for t in range(T - 1, -1, -1):
        g = [P[t, k] - (k == y[t]) for k in range(K)]
        da = np.zeros(m)
        for j in range(m):
            dh = sum(p.V[k, j] * g[k] for k in range(K))
            dh += sum(p.W[i, j] * following[i] for i in range(m))
            da[j] = dh * (1 - h[t + 1, j] ** 2)
            d["U"][j, x[t]] += da[j]
            d["b"][j] += da[j]
            for i in range(m):
                d["W"][j, i] += da[j] * h[t, i]
        for k in range(K):
            d["c"][k] += g[k]
            for j in range(m):
                d["V"][k, j] += g[k] * h[t + 1, j]
        following = da
    return d


def loops_clip(d, limit):
    for part in d:
        for i in range(part.size):
            part.flat[i] = max(-limit, min(limit, part.flat[i]))


def loops_adagrad(p, d, s, eta):
    for theta, g, total in zip(p, d, s, strict=True):
        for i in range(g.size):
            total.flat[i] += g.flat[i] ** 2
            theta.flat[i] -= eta * g.flat[i] / (total.flat[i] + 1e-8) ** 0.5


def loops_synthesise(p, h, x, n, uniform):
    text = []
    for number in uniform[:n]:
        states, P = loops_forward(p, [x], h)
        h, total, x = states[-1], 0.0, -1
        while total <= number and x < len(p.c) - 1:
            x += 1
            total += P[0, x]
        text.append(x)
    return text


def einsum_softmax(o):
    e = np.exp(o - np.amax(o, axis=-1, keepdims=True))
    return np.einsum("tk,t->tk", e, 1 / np.einsum("tk->t", e))


def einsum_forward(p, x, h0):
    X = np.eye(len(p.c))[x]
    h = np.empty((len(x) + 1, len(h0)), complex if np.iscomplexobj(p.W) else float)
    h[0] = h0
    inputs = np.einsum("mk,tk->tm", p.U, X) + p.b
    for t in range(len(x)):
        h[t + 1] = np.tanh(np.einsum("mn,n->m", p.W, h[t]) + inputs[t])
    return h, einsum_softmax(np.einsum("km,tm->tk", p.V, h[1:]) + p.c)


def einsum_loss(P, y):
    return -np.einsum("tk,tk->", np.log(P), np.eye(P.shape[1])[y])


def einsum_backward(p, x, y, h, P):
    eye = np.eye(len(p.c))
    g = P - eye[y]
    dh = np.einsum("tk,km->tm", g, p.V)
    da = np.empty_like(dh)
    for t in range(len(x) - 1, -1, -1):
        later = np.einsum("nm,n->m", p.W, da[t + 1]) if t + 1 < len(x) else 0
        da[t] = (dh[t] + later) * (1 - h[t + 1] ** 2)
    return SimpleNamespace(
        U=np.einsum("tm,tk->mk", da, eye[x]),
        W=np.einsum("tm,tn->mn", da, h[:-1]),
        V=np.einsum("tk,tm->km", g, h[1:]),
        b=np.einsum("tm->m", da),
        c=np.einsum("tk->k", g),
    )


def einsum_clip(d, limit):
    return [np.where(np.abs(part) > limit, limit * np.sign(part), part) for part in d]


def einsum_adagrad(p, d, s, eta):
    s = [total + np.einsum("...,...->...", g, g) for total, g in zip(s, d, strict=True)]
    new = [
        theta - eta * g / (np.sqrt(total) + 1e-8) for theta, g, total in zip(p, d, s, strict=True)
    ]
    return new, s


def einsum_synthesise(p, h, x, n, uniform):
    text = np.empty(n, np.int32)
    order = np.arange(len(p.c))[::-1]  # the last characters come first
    for i in range(n):
        states, P = einsum_forward(p, np.array([x]), h)
        h = states[1]
        x = order[np.argmax(np.cumsum(P[0, order]) > uniform[i])]
        text[i] = x
    return text


def matrix_softmax(o):
    o = o - np.log(np.sum(np.exp(o - np.max(o, 1)[:, None]), 1))[:, None] - np.max(o, 1)[:, None]
    return np.exp(o)


def matrix_forward(p, x, h0):
    fed, h = p.U.T[x] + p.b, [np.asarray(h0)]
    for row in fed:
        h += [np.tanh(row + h[-1] @ p.W.T)]
    h = np.stack(h)
    return [h, matrix_softmax(h[1:] @ p.V.T + p.c)]


def matrix_loss(P, y):
    return np.array([-np.sum(np.log(np.take_along_axis(P, np.asarray(y)[:, None], 1)))])


def matrix_backward(p, x, y, h, P):
    """Solve for all steps at once: da = D (V^T g + W^T da shifted), a block system."""
    T, m = len(x), len(p.b)
    g = P
    g[range(T), y] -= 1  # overwrites P
    slope = 1 - h[1:] ** 2
    system = np.eye(T * m)
    for t in range(T - 1):
        rows, columns = slice(t * m, t * m + m), slice(t * m + m, t * m + 2 * m)
        system[rows, columns] -= slope[t][:, None] * p.W.T
    da = np.linalg.solve(system, ((g @ p.V) * slope).ravel()).reshape(T, m)
    dU = np.zeros(p.U.shape)
    np.add.at(dU.T, x, da)
    return dU, da.T @ h[:-1], g.T @ h[1:], da.sum(0), g.sum(0)


def matrix_clip(d, limit):
    for part in d:
        part[part > limit], part[part < -limit] = limit, -limit
    return d


def matrix_adagrad(p, d, s, eta):
    for name in ("U", "W", "V", "b", "c"):
        getattr(s, name)[...] += np.square(getattr(d, name))
        getattr(p, name)[...] -= eta * getattr(d, name) * (getattr(s, name) + 1e-8) ** -0.5
    return p, s


def matrix_synthesise(p, h, x, n, uniform):  # noqa: ARG001
    text = [x]
    for number in uniform:
        states, P = matrix_forward(p, text[-1:], h)
        h = states[-1]
        text.append(int((P[0].cumsum() <= number).sum()))
    return np.array(text[1:])


FUNCTIONS = ("softmax", "forward", "loss", "backward", "clip", "adagrad", "synthesise")
STYLES = {
    style: {name: globals()[f"{style}_{name}"] for name in FUNCTIONS}
    for style in ("loops", "einsum", "matrix")
}
