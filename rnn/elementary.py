"""The exponential, the hyperbolic tangent and the inverse square root, as quick as they can be.

Uncompiled they are NumPy's. Compiled, NumPy's exp and tanh would be one call of the C library for
each number, which takes some ten times as long as arithmetic that the compiler can vectorise; and
a processor takes a square root and a division more slowly than a dozen products.
"""

import math
from decimal import Decimal
from typing import Any

import numpy as np
from numba import njit, types
from numba.extending import overload

from rnn.compiled import OPTIONS, compiled

LOG2_E = 1 / math.log(2)
LN2_HIGH = math.floor(math.log(2) * 2**32) / 2**32  # 32 bits: k * LN2_HIGH is exact
LN2_LOW = float(Decimal(2).ln() - Decimal(LN2_HIGH))


def exp(x: Any) -> Any:
    """Return e to the power x, for one real or complex number."""
    return np.exp(x)


def tanh(x: Any) -> Any:
    """Return the hyperbolic tangent of x, for one real or complex number."""
    return np.tanh(x)


def inverse_sqrt(x: Any) -> Any:
    """Return 1 / sqrt(x) for one positive, finite real number."""
    return 1 / np.sqrt(x)


@compiled
def _reduce(x: float) -> tuple[float, float]:
    """Return e^r - 1 and 2^k, where x = k ln 2 + r, |r| <= ln(2)/2, |x| <= 709.

    The first is Taylor's series up to r^13 / 13!, whose remainder is below 2^-54 of it.
    """
    k = np.floor(x * LOG2_E + 0.5)
    r = (x - k * LN2_HIGH) - k * LN2_LOW
    series = 1.0 / 6227020800.0
    series = series * r + 1.0 / 479001600.0
    series = series * r + 1.0 / 39916800.0
    series = series * r + 1.0 / 3628800.0
    series = series * r + 1.0 / 362880.0
    series = series * r + 1.0 / 40320.0
    series = series * r + 1.0 / 5040.0
    series = series * r + 1.0 / 720.0
    series = series * r + 1.0 / 120.0
    series = series * r + 1.0 / 24.0
    series = series * r + 1.0 / 6.0
    series = series * r + 0.5
    power = np.int64((np.int64(k) + 1023) << 52).view(np.float64)  # the bits of 2^k
    return r + r * r * series, power


@compiled
def _exp(x: float) -> float:
    """Return e^x: infinity above 709, 0 below -707. NaN stays NaN."""
    z = 709.0 if x > 709.0 else x
    fraction, power = _reduce(-707.0 if z < -707.0 else z)
    result = 0.0 if x < -707.0 else power + power * fraction
    return math.inf if x > 709.0 else result


@compiled
def _tanh(x: float) -> float:
    """Return tanh |x| = -u / (u + 2), u = e^(-2|x|) - 1, with the sign of x. NaN stays NaN."""
    z = -2.0 * abs(x)
    fraction, power = _reduce(-80.0 if z < -80.0 else z)
    u = power * fraction + (power - 1.0)
    return math.copysign(-u / (u + 2.0), x)


@compiled
def _complex_exp(x: complex) -> complex:
    """Return e^(a + ib) = e^a (cos b + i sin b)."""
    size = _exp(x.real)
    return complex(size * math.cos(x.imag), size * math.sin(x.imag))


@compiled
def _complex_tanh(x: complex) -> complex:
    """Return tanh(a + ib) = (tanh a + i tan b) / (1 + i tanh a tan b)."""
    t, s = _tanh(x.real), math.tan(x.imag)
    size = 1.0 + (t * s) * (t * s)
    return complex(t * (1.0 + s * s) / size, s * (1.0 - t * t) / size)


@compiled
def _inverse_sqrt(x: float) -> float:
    """Return 1 / sqrt(x) within 2 units in the last place, by Newton's method.

    The first guess halves and negates the exponent, which is arithmetic on the bits as an integer;
    the constant makes its relative error at most 0.035. Each step squares the error.
    """
    y = np.int64(0x5FE6EB50C7B537A9 - (np.float64(x).view(np.int64) >> 1)).view(np.float64)
    half = 0.5 * x
    y = y * (1.5 - half * y * y)
    y = y * (1.5 - half * y * y)
    y = y * (1.5 - half * y * y)
    return y * (1.5 - half * y * y)


@njit(**{**OPTIONS, "fastmath": {"contract", "arcp", "afn"}})  # type: ignore[untyped-decorator]
def _estimated_inverse_sqrt(x: Any) -> Any:
    """Return 1 / sqrt(x), which for float32 the processor estimates and one step refines."""
    return np.float32(1) / np.sqrt(x)


@overload(exp, jit_options=OPTIONS)
def _choose_exp(x):  # type: ignore[no-untyped-def]  # Numba compares the signatures
    return (lambda x: _complex_exp(x)) if isinstance(x, types.Complex) else (lambda x: _exp(x))


@overload(tanh, jit_options=OPTIONS)
def _choose_tanh(x):  # type: ignore[no-untyped-def]  # Numba compares the signatures
    return (lambda x: _complex_tanh(x)) if isinstance(x, types.Complex) else (lambda x: _tanh(x))


@overload(inverse_sqrt, jit_options=OPTIONS)
def _choose_inverse_sqrt(x):  # type: ignore[no-untyped-def]
    if x == types.float64:
        return lambda x: _inverse_sqrt(x)
    return lambda x: _estimated_inverse_sqrt(x)
