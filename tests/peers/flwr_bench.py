"""Measures Flower's SecAgg+: the masks of a client, or a round of several, in one process.

    target/peers/flwr/bin/python tests/peers/flwr_bench.py mask TIMES VALUES
    target/peers/flwr/bin/python tests/peers/flwr_bench.py average CLIENTS VALUES

A mask is drawn and added. In a round each client rounds its values and adds a mask of its own and one with
each other client; the server adds what comes, takes off the own masks and turns the sum into numbers. All of
that is Flower's; keys, shares and encryption are left out. Prints seconds of processor time of all together
(of a mask, of each), the bytes that a client sends its values in, and the bytes of memory that the process
had at most beyond what it had before.
"""

import pathlib
import secrets
import sys
import time

import numpy as np
from flwr.common import ndarray_to_bytes
from flwr.common.secure_aggregation.ndarrays_arithmetic import (
    parameters_addition,
    parameters_mod,
    parameters_subtraction,
)
from flwr.common.secure_aggregation.quantization import dequantize, quantize
from flwr.common.secure_aggregation.secaggplus_utils import pseudo_rand_gen

KIB = 1024
CLIP = 8.0
# Its defaults.
TARGET_RANGE = 1 << 22
MOD_RANGE = 1 << 32


def main() -> None:
    what, number, values = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    before = memory()
    if what == "mask":
        seconds, sent = mask(number, values), 0
    else:
        seconds, sent = average(number, values)
    print(f"seconds {seconds}")
    print(f"bytes {sent}")
    print(f"memory {memory() - before}")


def mask(times: int, values: int) -> float:
    vector = [np.zeros(values, dtype=np.int64)]
    seeds = [secrets.token_bytes(32) for _ in range(times)]
    began = time.process_time()
    for seed in seeds:
        vector = parameters_addition(vector, pseudo_rand_gen(seed, MOD_RANGE, [(values,)]))
    return (time.process_time() - began) / times


def average(clients: int, values: int) -> tuple[float, int]:
    places = np.arange(values)
    shape = [(values,)]
    pairs = [[secrets.token_bytes(32) for _ in range(clients)] for _ in range(clients)]
    own = [secrets.token_bytes(32) for _ in range(clients)]
    seconds, sent, total = 0.0, 0, None
    for client in range(clients):
        vector = [((client * 31 + places * 7) % 1024) / 64 - CLIP]
        began = time.process_time()
        masked = quantize(vector, CLIP, TARGET_RANGE)
        masked = parameters_addition(masked, pseudo_rand_gen(own[client], MOD_RANGE, shape))
        for other in range(clients):
            if other != client:
                seed = pairs[min(client, other)][max(client, other)]
                add = parameters_addition if client > other else parameters_subtraction
                masked = add(masked, pseudo_rand_gen(seed, MOD_RANGE, shape))
        masked = parameters_mod(masked, MOD_RANGE)
        total = masked if total is None else parameters_addition(total, masked)
        seconds += time.process_time() - began
        sent = len(ndarray_to_bytes(masked[0]))
    began = time.process_time()
    for seed in own:
        total = parameters_subtraction(total, pseudo_rand_gen(seed, MOD_RANGE, shape))
    total = parameters_mod(total, MOD_RANGE)
    mean = (dequantize(total, CLIP, TARGET_RANGE)[0] + CLIP) / clients - CLIP
    seconds += time.process_time() - began
    expected = sum((client * 31 + places * 7) % 1024 for client in range(clients)) / 64 / clients - CLIP
    # `dequantize` takes the clip off once, of a sum that has it as often as there are clients.
    if np.abs(mean - expected).max() > 1e-5:
        sys.exit(f"the average is wrong by {np.abs(mean - expected).max()}")
    return seconds, sent


def memory() -> int:
    status = pathlib.Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * KIB


if __name__ == "__main__":
    main()
