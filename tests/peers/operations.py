"""The operations of Anchorhold's protocols, computed by MPyC.

Each returns, for each element of the output, the least and the greatest value that is right, which
differ where Anchorhold promises no more: a truncated number is the floor or the floor plus one.
Integers are signed and of 64 bits, and products are modulo 2^64, as Anchorhold's ring is.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from mpyc.runtime import mpc

INTEGER = mpc.SecInt(64)
# Sums of products of integers are exact in it, and reduced after they have been opened.
WIDE = mpc.SecInt(160)
# Division and the exponential function need as many bits before the point as after it.
PRECISE = mpc.SecFxp(96, 48)
SIGMOID_LIMIT = 32.0
SIGMOID_HALVINGS = 6
SIGMOID_DEGREE = 6

Number = int | float | Fraction
Right = list[tuple[Number, Number]]


@dataclass
class Case:
    """What Anchorhold computed, as in the file; the last three are what some operations need."""

    name: str
    operation: str
    inputs: list[list[Number]]
    output: list[Number]
    tolerance: Number = 0
    shape: list[int] = field(default_factory=list)
    k: int = 0
    bits: int = 0


async def multiply(case: Case) -> Right:
    return await open_ring(mpc.np_multiply(*share(WIDE, case)))


async def dot(case: Case) -> Right:
    x, y = share(WIDE, case)
    return await open_ring(mpc.np_sum(x * y, keepdims=True))


async def matrix_product(case: Case) -> Right:
    rows, inner, columns = case.shape
    x, y = share(WIDE, case)
    return await open_ring(x.reshape(rows, inner) @ y.reshape(inner, columns))


async def less(case: Case) -> Right:
    return await open_exactly(mpc.np_less(*share(INTEGER, case)))


async def equal(case: Case) -> Right:
    return await open_exactly(mpc.np_equal(*share(INTEGER, case)))


async def minimum(case: Case) -> Right:
    return await open_exactly(mpc.np_minimum(*share(INTEGER, case)))


async def maximum(case: Case) -> Right:
    return await open_exactly(mpc.np_maximum(*share(INTEGER, case)))


async def argmax(case: Case) -> Right:
    rows, columns = case.shape
    matrix = mpc.np_concatenate(share(INTEGER, case)).reshape(rows, columns)
    return await open_exactly(mpc.np_argmax(matrix, axis=1))


async def select(case: Case) -> Right:
    return await open_exactly(mpc.np_where(*share(INTEGER, case)))


async def kth(case: Case) -> Right:
    ordered = mpc.np_sort(mpc.np_concatenate(share(INTEGER, case)))
    return await open_exactly(ordered[case.k - 1 : case.k])


async def median(case: Case) -> Right:
    ordered = mpc.np_sort(mpc.np_concatenate(share(INTEGER, case)))
    twice = await mpc.output(ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2])
    return [(Fraction(twice, 2), Fraction(twice, 2))]


async def truncate(case: Case) -> Right:
    (numbers,) = share(INTEGER, case)
    floors = await mpc.output([number // 2**case.bits for number in mpc.np_tolist(numbers)])
    return [(floor, floor + 1) for floor in floors]


async def multiply_fixed(case: Case) -> Right:
    return await open_exactly(mpc.np_multiply(*share(mpc.SecFxp(64, case.bits), case)))


async def relu(case: Case) -> Right:
    (numbers,) = share(mpc.SecFxp(64, case.bits), case)
    return await open_exactly((numbers > 0) * numbers)


async def reciprocal(case: Case) -> Right:
    (numbers,) = share(PRECISE, case)
    return await open_exactly(1 / numbers)


async def divide(case: Case) -> Right:
    return await open_exactly(mpc.np_divide(*share(PRECISE, case)))


async def sigmoid(case: Case) -> Right:
    (numbers,) = share(PRECISE, case)
    return await open_exactly(logistic(numbers))


OPERATIONS: dict[str, Callable[[Case], Awaitable[Right]]] = {
    operation.__name__.replace("_", "-"): operation
    for operation in (
        multiply,
        dot,
        matrix_product,
        less,
        equal,
        minimum,
        maximum,
        argmax,
        select,
        kth,
        median,
        truncate,
        multiply_fixed,
        relu,
        reciprocal,
        divide,
        sigmoid,
    )
}

# How many inputs of one length an operation takes.
ALIKE = {
    "multiply": 2,
    "dot": 2,
    "less": 2,
    "equal": 2,
    "minimum": 2,
    "maximum": 2,
    "select": 3,
    "truncate": 1,
    "multiply-fixed": 2,
    "relu": 1,
    "reciprocal": 1,
    "divide": 2,
    "sigmoid": 1,
}


def share(kind: type, case: Case) -> list[mpc.SecureArray]:
    """Returns the inputs as the parties share them, each its own, in their order."""
    to_array = fixed if issubclass(kind, mpc.SecureFixedPoint) else whole
    return [
        mpc.input(to_array(kind, numbers, case), senders=place % len(mpc.parties))
        for place, numbers in enumerate(case.inputs)
    ]


def whole(kind: type, numbers: list[Number], _: Case) -> mpc.SecureArray:
    """Returns integers to share."""
    return kind.array(np.array(numbers, dtype=object))


def fixed(kind: type, numbers: list[Number], case: Case) -> mpc.SecureArray:
    """Returns numbers to share that are rounded to the fractional bits of the case."""
    rounded = [round(Fraction(number) * 2**case.bits) / 2**case.bits for number in numbers]
    return kind.array(np.array(rounded), integral=False)


def logistic(x: mpc.SecureArray) -> mpc.SecureArray:
    """Returns 1 / (1 + e^-x), for what is beyond plus and minus 32 as for these."""
    negative = x < 0
    power = exponential(-mpc.np_minimum(mpc.np_absolute(x), SIGMOID_LIMIT))
    return (negative * (power - 1) + 1) / (power + 1)


def exponential(x: mpc.SecureArray) -> mpc.SecureArray:
    """Returns e^x for x from -32 to 0: Taylor's polynomial of a small part of x, then squares."""
    part = x * 2**-SIGMOID_HALVINGS
    result = part * (1 / SIGMOID_DEGREE) + 1
    for degree in range(SIGMOID_DEGREE - 1, 0, -1):
        result = result * part * (1 / degree) + 1
    for _ in range(SIGMOID_HALVINGS):
        result = result * result
    return result


async def open_exactly(numbers: mpc.SecureArray) -> Right:
    """Opens numbers each of which is the only one that is right."""
    return [(number, number) for number in (await mpc.output(numbers)).tolist()]


async def open_ring(numbers: mpc.SecureArray) -> Right:
    """Opens integers and reduces them to signed ones of 64 bits."""
    opened = (await mpc.output(numbers)).flatten().tolist()
    reduced = [(number + 2**63) % 2**64 - 2**63 for number in opened]
    return [(number, number) for number in reduced]
