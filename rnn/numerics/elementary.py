"""The exponential, the hyperbolic tangent and the inverse square root, made fast.

Uncompiled, these functions are NumPy's. Compiled, NumPy's exp and tanh would call the C library for
each number, which takes some ten times as long as arithmetic that the compiler can vectorise.
Square roots and divisions are slower on a processor than a dozen products.
"""

import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
from numba import njit, types
from numba.extending import overload

from rnn.numerics.compiled import OPTIONS, compiled

# Inlined into their callers, and cached on disk with these.
inlined: Callable[[Callable[..., Any]], Callable[..., Any]] = njit(**{**OPTIONS, "cache": False})


def exp(x: Any) -> Any:
    """Return e to the power x, for one real or complex number."""
    return np.exp(x)


def tanh(x: Any) -> Any:
    """Return the hyperbolic tangent of x, for one real or complex number."""
    return np.tanh(x)


def inverse_sqrt(x: Any) -> Any:
    """Return 1 / sqrt(x) for one positive, finite real number."""
    return 1 / np.sqrt(x)


def _in_precision(
    number: type[np.floating[Any]], integer: type[np.signedinteger[Any]], degree: int, split: int
) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Return exp and tanh for float64 or float32.

    Every constant is of that type; otherwise the compiler would compute in the wider one.

    Parameters
    ----------
    number, integer
        The type, and the integer type of the same size.
    degree
        The degree of the Taylor series for e^r, which is used for |r| <= ln(2)/2.
    split
        ln 2 is kept as the sum of two numbers. The first holds this many of its bits, few enough
        for its whole multiples to be exact.
    """
    about = np.finfo(number)
    low, high = (number(int(math.log(2) * k)) for k in (about.minexp, about.maxexp))
    zero, half, one, two, infinity = map(number, (0, 0.5, 1, 2, math.inf))
    log2_e, vanishing = number(1 / math.log(2)), number(-80)
    ln2_high = number(math.floor(math.log(2) * 2**split) / 2**split)
    ln2_low = number(Decimal(2).ln() - Decimal(float(ln2_high)))
    series = tuple(number(1 / math.factorial(i)) for i in range(degree, 1, -1))
    bias, place = integer(about.maxexp - 1), integer(about.nmant)  # of the exponent

    @inlined
    def reduce(x: Any) -> Any:
        """Return e^r - 1 and 2^k, where x = k ln 2 + r."""
        k = np.floor(x * log2_e + half)
        r = (x - k * ln2_high) - k * ln2_low
        total = zero
        for factor in series:
            total = total * r + factor
        power = integer((integer(k) + bias) << place).view(number)
        return r + r * r * total, power

    @inlined
    def exp(x: Any) -> Any:
        """Return e^x: infinity on overflow, 0 on underflow. NaN stays NaN."""
        z = high if x > high else x
        fraction, power = reduce(low if z < low else z)
        result = zero if x < low else power + power * fraction
        return infinity if x > high else result

    @inlined
    def tanh(x: Any) -> Any:
        """Return tanh |x| = -u / (u + 2), u = e^(-2|x|) - 1, with the sign of x. NaN stays NaN."""
        z = -two * abs(x)
        fraction, power = reduce(vanishing if z < vanishing else z)
        u = power * fraction + (power - one)
        return math.copysign(-u / (u + two), x)

    return exp, tanh


# The relative truncation errors are below 2^-54 and 2^-27: less than rounding errors.
_exp, _tanh = _in_precision(np.float64, np.int64, degree=13, split=32)
_exp_single, _tanh_single = _in_precision(np.float32, np.int32, degree=7, split=9)


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

    The first guess halves and negates the exponent by integer arithmetic on the bits; the constant
    makes its relative error at most 0.035. Each step roughly squares the error.
    """
    y = np.int64(0x5FE6EB50C7B537A9 - (np.float64(x).view(np.int64) >> 1)).view(np.float64)
    half = 0.5 * x
    y = y * (1.5 - half * y * y)
    y = y * (1.5 - half * y * y)
    y = y * (1.5 - half * y * y)
    return y * (1.5 - half * y * y)


@njit(**{**OPTIONS, "fastmath": {"contract", "arcp", "afn"}})  # type: ignore[untyped-decorator]
def _estimated_inverse_sqrt(x: Any) -> Any:
    """Return 1 / sqrt(x); in float32, the processor estimates it and one step refines it."""
    return np.float32(1) / np.sqrt(x)


@overload(exp, jit_options=OPTIONS)
def _choose_exp(x):  # type: ignore[no-untyped-def]  # Numba compares the signatures
    if isinstance(x, types.Complex):
        return lambda x: _complex_exp(x)
    return (lambda x: _exp_single(x)) if x == types.float32 else (lambda x: _exp(x))


@overload(tanh, jit_options=OPTIONS)
def _choose_tanh(x):  # type: ignore[no-untyped-def]
    if isinstance(x, types.Complex):
        return lambda x: _complex_tanh(x)
    return (lambda x: _tanh_single(x)) if x == types.float32 else (lambda x: _tanh(x))


@overload(inverse_sqrt, jit_options=OPTIONS)
def _choose_inverse_sqrt(x):  # type: ignore[no-untyped-def]
    if x == types.float64:
        return lambda x: _inverse_sqrt(x)
    return lambda x: _estimated_inverse_sqrt(x)
