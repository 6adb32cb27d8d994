"""Measures OpenMined's private set intersection: ECDH on P-256, client and server in one process.

    target/peers/openmined/bin/python tests/peers/openmined_bench.py CLIENT SERVER

The sets have so many keys, of which the client's are every second of the server's as far as both go.
Prints, of both parties together: seconds of processor time, bytes of all messages, and the bytes of memory
that the process had at most beyond what it had before. The server's set is sent as it is (RAW), so
that none is found by mistake, as here.
"""

import pathlib
import sys
import time

import private_set_intersection.python as psi

KIB = 1024


def main() -> None:
    client_size, server_size = map(int, sys.argv[1:])
    client_keys = [f"patient-{2 * number}" for number in range(client_size)]
    server_keys = [f"patient-{number}" for number in range(server_size)]
    client = psi.client.CreateWithNewKey(True)
    server = psi.server.CreateWithNewKey(True)
    before = memory()
    began = time.process_time()
    setup = server.CreateSetupMessage(0.0, client_size, server_keys, psi.DataStructure.RAW)
    setup_bytes = setup.SerializeToString()
    request = client.CreateRequest(client_keys).SerializeToString()
    parsed = psi.Request()
    parsed.ParseFromString(request)
    response = server.ProcessRequest(parsed).SerializeToString()
    parsed_setup, parsed_response = psi.ServerSetup(), psi.Response()
    parsed_setup.ParseFromString(setup_bytes)
    parsed_response.ParseFromString(response)
    shared = client.GetIntersection(parsed_setup, parsed_response)
    seconds = time.process_time() - began
    expected = sum(1 for number in range(client_size) if 2 * number < server_size)
    if len(shared) != expected:
        sys.exit(f"{len(shared)} keys are shared, not {expected}")
    print(f"seconds {seconds}")
    print(f"bytes {len(setup_bytes) + len(request) + len(response)}")
    print(f"memory {memory() - before}")


def memory() -> int:
    status = pathlib.Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * KIB


if __name__ == "__main__":
    main()
