"""Trains a perceptron 64-32-10 with ReLU on the first 1,297 digits, and prints its weights as CSV.

Each row is a weight of a layer, from an input to an output; a row without an input is a bias.
Needs numpy: python3 train_digits.py > digits-perceptron.csv
"""

import csv
import pathlib

import numpy as np

TRAINED = 1_297


def read() -> tuple[np.ndarray, np.ndarray]:
    path = pathlib.Path(__file__).with_name("digits.csv")
    with path.open() as file:
        rows = list(csv.reader(file))[1:]
    table = np.array(rows, dtype=float)[:TRAINED]
    return table[:, :-1], table[:, -1].astype(int)


def train(x: np.ndarray, y: np.ndarray, epochs: int = 200, step: float = 0.05, decay: float = 1e-3):
    rng = np.random.default_rng(1)
    sizes = [64, 32, 10]
    weights = [rng.normal(0, np.sqrt(2 / a), (a, b)) for a, b in zip(sizes, sizes[1:])]
    biases = [np.zeros(b) for b in sizes[1:]]
    wanted = np.eye(10)[y]
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for batch in np.array_split(order, len(x) // 32):
            hidden = np.maximum(x[batch] @ weights[0] + biases[0], 0)
            scores = hidden @ weights[1] + biases[1]
            shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
            error = (shifted / shifted.sum(axis=1, keepdims=True) - wanted[batch]) / len(batch)
            hidden_error = (error @ weights[1].T) * (hidden > 0)
            for layer, (inputs, outputs) in enumerate([(x[batch], hidden_error), (hidden, error)]):
                weights[layer] -= step * (inputs.T @ outputs + decay * weights[layer])
                biases[layer] -= step * outputs.sum(axis=0)
    return weights, biases


def main() -> None:
    x, y = read()
    # Pixels are from 0 to 16; the first layer's weights are for them as they are.
    weights, biases = train(x / 16, y)
    weights[0] = weights[0] / 16
    print("layer,input,output,weight")
    for layer, (weight, bias) in enumerate(zip(weights, biases), start=1):
        for place, row in enumerate([*weight, bias]):
            name = place if place < len(weight) else ""
            for output, value in enumerate(row):
                print(f"{layer},{name},{output},{value:.6f}")


if __name__ == "__main__":
    main()
