"""What each peer is measured at: the same works on random inputs of the same kind.

A measurement is one line on stdout, `NAME VALUE UNIT SIZE`. Where the unit is `/s`, the value is
how many of the SIZE elements, which one vector has, are done in a second; where it is `s`, it is
the seconds that the whole takes. Values are medians of several runs after one that is not counted,
and each result is compared with what it should be before it is reported.

| name | unit | |
|---|---|---|
| `multiply` | /s | products of two vectors of integers of 64 bits |
| `compare` | /s | which ones of a vector of integers of 64 bits are less than those of another |
| `multiply-fixed` | /s | products of two vectors of numbers of 64 bits, 16 of them fractional |
| `inference` | s | the class of one input: 784 inputs, 128 neurons with ReLU, 10 classes, argmax |
| `kth` | s | the median of the values of three parties together, of 32 bits |
| `sum` | s | the sums over three parties of a vector of each, shared, added and opened |

A peer that has other ways to do a work reports them as `NAME-WAY`, and says which ones they are.
"""

import numpy as np

PARTIES = 3
FRACTION_BITS = 16
MULTIPLY = 100_000
COMPARE = 20_000
MULTIPLY_FIXED = 50_000
INFERENCE = (784, 128, 10)
VALUES = 10_000

_random = np.random.default_rng(1)


def integers(length: int) -> np.ndarray:
    """Returns random integers that are less than 2^31 apart."""
    return _random.integers(-(2**30), 2**30, length)


def fractions(length: int) -> np.ndarray:
    """Returns random numbers from 0 to 1, exact in the fractional bits."""
    return np.round(_random.random(length) * 2**FRACTION_BITS) / 2**FRACTION_BITS


def perceptron() -> list[np.ndarray]:
    """Returns an input and the weights and biases of two layers, always the same."""
    random = np.random.default_rng(1)
    inputs, neurons, classes = INFERENCE
    return [
        random.random((1, inputs)),
        random.normal(size=(inputs, neurons)) / inputs**0.5,
        random.normal(size=neurons) / 10,
        random.normal(size=(neurons, classes)) / neurons**0.5,
        random.normal(size=classes) / 10,
    ]


def classify(x: np.ndarray, w1: np.ndarray, b1: np.ndarray, w2: np.ndarray, b2: np.ndarray) -> int:
    """Returns the class, in the clear."""
    return int(np.argmax(np.maximum(x @ w1 + b1, 0) @ w2 + b2))


def require(name: str, holds: bool) -> None:
    """Ends the measurement if a result is wrong: its time would mean nothing."""
    if not holds:
        raise SystemExit(f"{name}: the result is wrong")


def report(name: str, value: float, unit: str, size: int) -> None:
    """Prints a measurement."""
    print(name, f"{value:.0f}" if unit == "/s" else f"{value:.4f}", unit, size, flush=True)
