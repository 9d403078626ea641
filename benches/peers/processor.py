#!/usr/bin/env python3
"""Races wgtune's stored winners on the processor against libraries: gemm, faer, matrixmultiply and ONNX Runtime.

    just bench-cpu-peers       tunes workloads/processor.txt and races it, with one thread and with two

Products are raced against the three crates, convolutions and chains against ONNX Runtime's CPU provider. Of a product two
programs of ours run: `wgtune`, which the tuner chose among all implementations, those libraries included, and `own`, the
best of our own kernels (`--own-db`). Each program has as many threads as `--threads` says. Weights of convolutions are
constant: ONNX Runtime and wgtune lay them out beforehand. How a race is held: `race.py`.
"""

import argparse
import pathlib
import re

from race import OURS, OWN, Workload, add_arguments, chosen, ours, race_all, summary

HERE = pathlib.Path(__file__).resolve().parent
LIST = HERE.parent.parent / "workloads/processor.txt"


def sizes(text):
    return {name: int(size) for name, size in re.findall(r"([a-z]+)(\d+)", text)}


def workload(line):
    """A line of the list with what one run of it computes or moves."""
    operator, element, dims = line.partition("+")[0].split(":")[:3]
    size = sizes(dims)
    if operator == "matmul":
        return Workload(f"{size['m']}×{size['n']}×{size['k']}", line, 2 * size["m"] * size["n"] * size["k"])
    if operator == "conv2d":
        out = (size["h"] + 2 * size.get("p", 0) - size["k"]) // size.get("s", 1) + 1
        work = 2 * size["o"] * size["c"] // size.get("g", 1) * size["k"] ** 2 * out**2
        return Workload(line.removeprefix("conv2d:f32:"), line, work)
    return Workload(line.removeprefix("chain:f32:"), line, 2 * 4 * size["n"], "GB/s")


def commands(workload, arguments):
    """How wgtune and the peers of a workload are started."""
    threads = str(arguments.threads)
    held = {"WGTUNE_THREADS": threads, "MATMUL_NUM_THREADS": threads}
    started = {OURS: (ours(arguments, "cpu"), held)}
    if not workload.line.startswith("matmul:"):
        onnxruntime = [HERE / "onnxruntime/venv/bin/python", HERE / "onnxruntime/peer.py", threads]
        return {**started, "onnxruntime": (onnxruntime, {})}
    if arguments.own_db:
        started[OWN] = ([*started[OURS][0][:-1], arguments.own_db], held)
    libraries = ["gemm", "faer", "matrixmultiply"]
    serving = {name: ([HERE / "cpu/target/release/cpu-peer", "serve", name, threads], held) for name in libraries}
    return {**started, **serving}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_arguments(parser)
    parser.add_argument("--own-db", help="the store of our own kernels alone, for products")
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    lines = [line.strip() for line in LIST.read_text().splitlines() if line.strip() and not line.startswith("#")]
    workloads = chosen([workload(line) for line in lines], arguments)
    if arguments.workloads:
        print("\n".join(workload.line for workload in workloads))
        return
    results = race_all(workloads, lambda workload: commands(workload, arguments), arguments)
    for operator in ["matmul", "conv2d", "chain"]:
        for name in [OURS, OWN]:
            told = summary([result for result in results if result["line"].startswith(operator)], name)
            if told:
                print(f"{arguments.threads} threads, {operator}, {name}: {told}")


main()
