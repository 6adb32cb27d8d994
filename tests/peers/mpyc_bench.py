"""Measures MPyC: Shamir's sharing among three processes on this machine, linked by sockets.

    target/peers/mpyc/bin/python tests/peers/mpyc_bench.py

What is printed is in works.py, by the first party alone. MPyC computes with secure arrays over
prime fields: `SecInt(64)` for integers, which has to leave room for the masks of comparisons and
truncations (the field has 96 bits), and `SecFxp(64, 16)` for numbers with a fraction (112 bits).
These masks hide but for a chance of 2^-30, as MPyC has it unless it is told otherwise.

`multiply-field` is modulo 2^61 - 1, as integers of 29 bits. `kth` is the largest number of values
that its sorting network sorts within a minute, each three times two to some power, and is run once.
`kth-search` is not of MPyC: it searches the value by how many of each party's values are at most
the middle of an interval, of which only the comparison is opened. `sum` has the sharing in it.
"""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from typing import Any

import numpy as np
import works
from mpyc.runtime import mpc
from three import start_as_three

RUNS = 7
RUNS_OF_SLOW = 3
LONGEST_SORT = 60
# When a party is killed, the others would wait for it for ever.
LONGEST_SECONDS = 3600
GROWTH = 2.6  # A sort of twice as many values takes no more than this many times as long.
INTEGER = mpc.SecInt(64)
NARROW = mpc.SecInt(32)
FIELD = mpc.SecInt(29, p=2**61 - 1)
FIXED = mpc.SecFxp(64, works.FRACTION_BITS)


async def main() -> None:
    await mpc.start()
    await multiply("multiply", INTEGER)
    await multiply("multiply-field", FIELD)
    await compare()
    await multiply_fixed()
    await inference()
    await kth()
    await kth_search()
    await sums()
    await mpc.shutdown()


async def multiply(name: str, kind: type) -> None:
    """Measures products."""
    x, y = works.integers(works.MULTIPLY), works.integers(works.MULTIPLY)
    shared = deal(kind, x), deal(kind, y)
    seconds, product = await timed(lambda: computed(mpc.np_multiply(*shared)))
    works.require(name, np.array_equal(await mpc.output(product), x * y))
    report(name, works.MULTIPLY / seconds, "/s", works.MULTIPLY)


async def compare() -> None:
    """Measures comparisons."""
    x, y = works.integers(works.COMPARE), works.integers(works.COMPARE)
    shared = deal(INTEGER, x), deal(INTEGER, y)
    seconds, less = await timed(lambda: computed(mpc.np_less(*shared)), RUNS_OF_SLOW)
    works.require("compare", np.array_equal(await mpc.output(less), x < y))
    report("compare", works.COMPARE / seconds, "/s", works.COMPARE)


async def multiply_fixed() -> None:
    """Measures products of numbers with a fraction."""
    x, y = works.fractions(works.MULTIPLY_FIXED), works.fractions(works.MULTIPLY_FIXED)
    shared = deal(FIXED, x), deal(FIXED, y)
    seconds, product = await timed(lambda: computed(mpc.np_multiply(*shared)), RUNS_OF_SLOW)
    right = np.allclose(await mpc.output(product), x * y, rtol=0, atol=1e-3)
    works.require("multiply-fixed", right)
    report("multiply-fixed", works.MULTIPLY_FIXED / seconds, "/s", works.MULTIPLY_FIXED)


async def inference() -> None:
    """Measures the class of one input."""
    inputs = works.perceptron()
    x, w1, b1, w2, b2 = (deal(FIXED, values) for values in inputs)

    def classify() -> Awaitable:
        sums = x @ w1 + b1
        neurons = (sums > 0) * sums
        return computed(mpc.np_argmax((neurons @ w2 + b2).flatten()))

    seconds, found = await timed(classify)
    works.require("inference", await mpc.output(found) == works.classify(*inputs))
    report("inference", seconds, "s", 1)


async def kth() -> None:
    """Measures the median by sorting, of twice as many values as long as that ends in time."""
    seconds, length = 0.0, works.PARTIES * 32
    while seconds * GROWTH < LONGEST_SORT:
        length *= 2
        seconds = await sort(length)
    report("kth", seconds, "s", length)


async def sort(length: int) -> float:
    """Returns how long the median of as many values takes."""
    values = works.integers(length)
    place = length // 2
    shared = deal(NARROW, values)
    seconds, found = await timed(lambda: computed(mpc.np_sort(shared)[place]), 1, False)
    works.require("kth", await mpc.output(found) == np.sort(values)[place])
    return seconds


async def kth_search() -> None:
    """Measures the median by a search."""
    values = works.integers(works.PARTIES * works.VALUES)
    place = len(values) // 2
    own = np.split(values, works.PARTIES)[mpc.pid]
    seconds, found = await timed(lambda: search(own, place + 1))
    works.require("kth-search", found == np.sort(values)[place])
    report("kth-search", seconds, "s", len(values))


async def search(own: np.ndarray, rank: int) -> int:
    """Returns the value of a rank, from 1, among those of all parties."""
    low, high = -(2**31), 2**31 - 1
    while low < high:
        middle = (low + high) // 2
        counts = mpc.input(NARROW(int(np.count_nonzero(own <= middle))))
        if await mpc.output(mpc.sum(counts) >= rank):
            high = middle
        else:
            low = middle + 1
    return low


async def sums() -> None:
    """Measures sums that are opened."""
    vectors = [works.integers(works.VALUES) for _ in range(works.PARTIES)]
    own = vectors[mpc.pid].astype(object)
    seconds, opened = await timed(lambda: mpc.output(sum(mpc.input(INTEGER.array(own)))))
    works.require("sum", np.array_equal(opened, sum(vectors)))
    report("sum", seconds, "s", works.VALUES)


def deal(kind: type, values: np.ndarray) -> mpc.SecureArray:
    """Returns values that the first party shares."""
    whole = np.issubdtype(values.dtype, np.integer)
    return mpc.input(kind.array(values.astype(object) if whole else values), senders=0)


async def timed(
    step: Callable[[], Awaitable], runs: int = RUNS, warm_up: bool = True
) -> tuple[float, Any]:
    """Returns the median of the first party's seconds, and the last result."""
    seconds = []
    for _ in range(runs + warm_up):
        await mpc.transfer(None)  # All begin together.
        start = time.perf_counter()
        result = await step()
        seconds.append(time.perf_counter() - start)
    return await mpc.transfer(statistics.median(seconds[warm_up:]), senders=0), result


async def computed(shared: mpc.SecureObject) -> mpc.SecureObject:
    """Waits until this party has its shares."""
    await mpc.gather(shared)
    return shared


def report(name: str, value: float, unit: str, size: int) -> None:
    """Prints a measurement at the first party."""
    if mpc.pid == 0:
        works.report(name, value, unit, size)


if __name__ == "__main__":
    start_as_three()
    mpc.run(asyncio.wait_for(main(), LONGEST_SECONDS))
