"""Computes again with MPyC, among three parties, what Anchorhold computed, and compares.

    target/peers/mpyc/bin/python tests/peers/differential.py FILE [--self-test]

The file is `{"cases": [CASE, ...]}`, and a case is

    {"name": "small", "operation": "multiply", "inputs": [[1, 2], [3, 4]], "output": [3, 8],
     "tolerance": 0}

Each list of the inputs is one party's. These operations need more:

| operation | needs | |
|---|---|---|
| `matrix-product` | `"shape": [rows, inner, columns]` | both matrices by rows |
| `argmax` | `"shape": [rows, columns]` | all inputs as one matrix by rows; places from 0 |
| `kth` | `"k"` | from 1, among all inputs together, as is `median` |
| `truncate` | `"bits"` | how many of them go |
| `multiply-fixed`, `relu`, `reciprocal`, `divide`, `sigmoid` | `"bits"` | fractional ones |

The others are `multiply`, `dot`, `less`, `equal`, `minimum`, `maximum` and `select`, whose inputs
are what chooses, what is taken where that is 1, and what is taken where it is 0.

Each element that is further from MPyC's than the tolerance is a line on stderr, with the case, the
element's place from 0, and both values; the exit code is then 1. With `--self-test`, each case is
also compared with one element moved by barely more than the tolerance, up and down: it is an error
if that is not found.
"""

import argparse
import asyncio
import json
import sys
from fractions import Fraction
from pathlib import Path

from mpyc.runtime import mpc
from operations import ALIKE, OPERATIONS, Case, Number, Right
from three import start_as_three

# When a computation fails within MPyC or a party is killed, the others would wait for ever.
LONGEST_SECONDS = 300
LITTLE = Fraction(1, 10**9)


def main() -> None:
    parser = argparse.ArgumentParser(description="Compares with MPyC what Anchorhold computed.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--self-test", action="store_true")
    arguments = parser.parse_args()
    try:
        cases = read(arguments.file)
    except (OSError, TypeError, KeyError, ValueError) as error:
        parser.error(f"{arguments.file}: {error!r}")
    start_as_three()
    comparing = compare(cases, arguments.self_test)
    wrong = mpc.run(asyncio.wait_for(comparing, LONGEST_SECONDS))
    for line in wrong:
        print(line, file=sys.stderr)
    if wrong:
        sys.exit(1)
    elements = sum(len(case.output) for case in cases)
    print(f"{elements} elements of {len(cases)} cases agree")


def read(file: Path) -> list[Case]:
    """Reads cases, with fractions exactly as they are written."""
    cases = [Case(**case) for case in json.loads(file.read_text(), parse_float=Fraction)["cases"]]
    if not cases:
        raise ValueError("it has no cases")
    for case in cases:
        check(case)
    return cases


def check(case: Case) -> None:
    """Refuses a case that cannot be computed."""
    if case.operation not in OPERATIONS:
        raise ValueError(f"{case.name}: there is no operation {case.operation}")
    count = ALIKE.get(case.operation, len(case.inputs))
    lengths = {len(numbers) for numbers in case.inputs}
    if len(case.inputs) != count or case.operation in ALIKE and len(lengths) != 1:
        raise ValueError(f"{case.name}: {case.operation} takes {count} inputs of one length")


async def compare(cases: list[Case], self_test: bool) -> list[str]:
    """Returns what is wrong in the cases, and in the comparison itself."""
    wrong = []
    async with mpc:
        for case in cases:
            right = await OPERATIONS[case.operation](case)
            wrong += differences(case, case.output, right).values()
            if self_test:
                wrong += missed(case, right)
    return wrong


def differences(case: Case, output: list[Number], right: Right) -> dict[int, str]:
    """Returns what is wrong with an output, by place; at the end, that its length is."""
    wrong = {}
    for place, (found, (least, greatest)) in enumerate(zip(output, right)):
        if not is_within(found, Fraction(least), Fraction(greatest), Fraction(case.tolerance)):
            expected = f"{least}" if least == greatest else f"{least} to {greatest}"
            wrong[place] = f"{case.name}[{place}]: expected {expected}, found {shown(found)}"
    if len(output) != len(right):
        found = f"found {len(output)}"
        wrong[len(right)] = f"{case.name}: expected {len(right)} elements, {found}"
    return wrong


def is_within(found: Number, least: Fraction, greatest: Fraction, tolerance: Fraction) -> bool:
    """Says whether a number is right; what is no number is not."""
    if not isinstance(found, (int, Fraction)):
        return False
    return least - tolerance <= found <= greatest + tolerance


def shown(found: Number) -> str:
    """Returns a number as a reader wants it."""
    return str(float(found) if isinstance(found, Fraction) else found)


def missed(case: Case, right: Right) -> list[str]:
    """Returns what the comparison did not find of errors put into an output."""
    place = len(right) // 2
    least, greatest = (Fraction(bound) for bound in right[place])
    beyond = Fraction(case.tolerance) + LITTLE
    return [
        f"{case.name}[{place}]: {float(moved)} for {float(least)} is not found"
        for moved in (least - beyond, greatest + beyond)
        if place not in differences(case, replaced(case.output, place, moved), right)
    ]


def replaced(output: list[Number], place: int, number: Number) -> list[Number]:
    """Returns an output with another number at a place."""
    return [*output[:place], number, *output[place + 1 :]]


if __name__ == "__main__":
    main()
