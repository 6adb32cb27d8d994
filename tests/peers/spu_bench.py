"""Measures SPU: ABY3 among three threads of one process, modulo 2^64, with links in memory.

    target/peers/spu/bin/python tests/peers/spu_bench.py

What is printed is in works.py. A function is traced and compiled once and the inputs are shared
before the clock starts; it runs from where all parties begin to where the last one has ended. Each
run also reads the compiled text, so steps on vectors are run few times and many times within one
function, and the difference is what counts. `sum` has in it the sharing of one vector, which the
parties do at the same time.

`kth` is what the compiler makes of a sort of which one value is taken: a selection among shuffled
values, which opens the comparisons. `kth-sorted` sorts them all by radix, which opens nothing that
depends on the values.
"""

import os
import statistics
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import jax
import jax.numpy as jnp
import numpy as np
import works
from spu import api, libspu
from spu.experimental import reveal
from spu.utils import frontend

RUNS = 21
RUNS_OF_SORT = 3
FEW = 1
LONGEST_WAIT = 600
SECRET = libspu.Visibility.VIS_SECRET
CONFIG = libspu.RuntimeConfig(
    protocol=libspu.ProtocolKind.ABY3,
    field=libspu.FieldType.FM64,
    fxp_fraction_bits=works.FRACTION_BITS,
)
WHOLE_SORT = libspu.CompilerOptions(disable_partial_sort_optimization=True)
IO = api.Io(works.PARTIES, CONFIG)

Shares = list[list[libspu.Share]]


def main() -> None:
    quiet = libspu.logging.LogOptions()
    quiet.log_level = libspu.logging.LogLevel.ERROR
    quiet.system_log_path = os.devnull
    libspu.logging.setup_logging(quiet)
    jax.config.update("jax_enable_x64", True)
    multiply("multiply", works.integers(works.MULTIPLY), works.integers(works.MULTIPLY), 20)
    compare()
    x, y = works.fractions(works.MULTIPLY_FIXED), works.fractions(works.MULTIPLY_FIXED)
    multiply("multiply-fixed", x, y, 5)
    inference()
    kth()
    sums()


def multiply(name: str, x: np.ndarray, y: np.ndarray, times: int) -> None:
    """Measures products, each with the one before."""

    def products(times: int) -> Callable:
        def chain(x, y):
            for _ in range(times):
                x = x * y
            return x

        return chain

    def right(outputs: list[np.ndarray], times: int) -> bool:
        return np.allclose(outputs[0], x * y**times, rtol=0, atol=1e-3)

    rate(name, products, right, times, x, y)


def compare() -> None:
    """Measures comparisons: one vector moved by different numbers with the other."""
    x, y = works.integers(works.COMPARE), works.integers(works.COMPARE)

    def comparisons(times: int) -> Callable:
        return lambda x, y: [x + moved < y for moved in range(times)]

    def right(outputs: list[np.ndarray], times: int) -> bool:
        return all(np.array_equal(outputs[moved], x + moved < y) for moved in range(times))

    rate("compare", comparisons, right, 5, x, y)


def inference() -> None:
    """Measures the class of one input."""
    inputs = works.perceptron()

    def classify(x, w1, b1, w2, b2):
        return jnp.argmax(jnp.maximum(x @ w1 + b1, 0) @ w2 + b2)

    seconds, outputs = timed(classify, inputs)
    works.require("inference", outputs[0] == works.classify(*inputs))
    works.report("inference", seconds, "s", 1)


def kth() -> None:
    """Measures the median, by selection and by sorting."""
    values = works.integers(works.PARTIES * works.VALUES)
    place = len(values) // 2
    by_radix = libspu.RuntimeConfig(CONFIG)
    by_radix.sort_method = libspu.RuntimeConfig.SortMethod.SORT_RADIX

    def median(values):
        return jnp.sort(values)[place]

    seconds, outputs = timed(median, [values])
    works.require("kth", outputs[0] == np.sort(values)[place])
    works.report("kth", seconds, "s", len(values))
    seconds, outputs = timed(median, [values], RUNS_OF_SORT, WHOLE_SORT, by_radix)
    works.require("kth-sorted", outputs[0] == np.sort(values)[place])
    works.report("kth-sorted", seconds, "s", len(values))


def sums() -> None:
    """Measures sums that are opened."""
    vectors = [works.integers(works.VALUES) for _ in range(works.PARTIES)]
    seconds, outputs = timed(lambda x, y, z: reveal(x + y + z), vectors)
    works.require("sum", np.array_equal(outputs[0], sum(vectors)))
    works.report("sum", seconds + seconds_of_sharing(vectors[0]), "s", works.VALUES)


def rate(name: str, repeated: Callable, right: Callable, times: int, *inputs: np.ndarray) -> None:
    """Reports how many elements a second a step does, which `repeated` makes a function of."""
    medians = []
    for repetitions in (FEW, FEW + times):
        seconds, outputs = timed(repeated(repetitions), list(inputs))
        works.require(name, right(outputs, repetitions))
        medians.append(seconds)
    few, many = medians
    works.report(name, times * len(inputs[0]) / (many - few), "/s", len(inputs[0]))


def timed(
    function: Callable,
    inputs: list[np.ndarray],
    runs: int = RUNS,
    options: libspu.CompilerOptions = libspu.CompilerOptions(),
    config: libspu.RuntimeConfig = CONFIG,
) -> tuple[float, list[np.ndarray]]:
    """Returns the median of the seconds that a function takes, and its results."""
    executable = compiled(function, inputs, options)
    shares = [IO.make_shares(values, SECRET) for values in inputs]
    barrier = threading.Barrier(works.PARTIES, timeout=LONGEST_WAIT)
    links = libspu.link.Desc()
    for party in range(works.PARTIES):
        links.add_party(f"party-{party}", f"link-{party}")

    def take_part(party: int) -> tuple[list[tuple[float, float]], list[libspu.Share]]:
        runtime = api.Runtime(libspu.link.create_mem(links, party), libspu.RuntimeConfig(config))
        clocks = [run(runtime, executable, shares, party, barrier) for _ in range(1 + runs)]
        return clocks[1:], [runtime.get_var(name) for name in executable.output_names]

    with ThreadPoolExecutor(works.PARTIES) as pool:
        clocks, outputs = zip(*pool.map(take_part, range(works.PARTIES)))
    seconds = [max(end for _, end in run) - min(start for start, _ in run) for run in zip(*clocks)]
    return statistics.median(seconds), [IO.reconstruct(list(parts)) for parts in zip(*outputs)]


def compiled(
    function: Callable, inputs: list[np.ndarray], options: libspu.CompilerOptions
) -> libspu.Executable:
    """Returns a function as SPU runs it."""
    executable, _ = frontend.compile(
        frontend.Kind.JAX,
        function,
        inputs,
        {},
        [f"input-{place}" for place in range(len(inputs))],
        [SECRET] * len(inputs),
        lambda outputs: [f"output-{place}" for place in range(len(outputs))],
        copts=options,
    )
    return executable


def run(
    runtime: api.Runtime,
    executable: libspu.Executable,
    shares: Shares,
    party: int,
    barrier: threading.Barrier,
) -> tuple[float, float]:
    """Runs a party's part once, and returns when it began and ended."""
    for name, parts in zip(executable.input_names, shares):
        runtime.set_var(name, parts[party])
    barrier.wait()
    start = time.perf_counter()
    runtime.run(executable)
    return start, time.perf_counter()


def seconds_of_sharing(values: np.ndarray) -> float:
    """Returns the median of the seconds that it takes to share a vector."""
    seconds = []
    for _ in range(1 + RUNS):
        start = time.perf_counter()
        IO.make_shares(values, SECRET)
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds[1:])


if __name__ == "__main__":
    main()
