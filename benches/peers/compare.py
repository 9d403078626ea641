#!/usr/bin/env python3
"""Races wgtune's stored winners against peers on one device: ten workloads, interleaved, outputs compared.

    benches/peers/setup.sh                                  fetches and builds the peers
    wgtune tune --device llvmpipe --db peers.db WORKLOADS   tunes what is raced; `--workloads` prints them
    benches/peers/compare.py --db peers.db                  races, prints a table, writes JSON if asked to

How a race is held: `race.py`. tinygrad tells the device's own time, the others the host's, submission and waiting included;
wonnx also uploads and reads back. wgtune prepares constant weights beforehand where a winner does so, which the peers cannot.
"""

import argparse
import pathlib

from race import OURS, Workload, add_arguments, chosen, ours, race_all, summary

HERE = pathlib.Path(__file__).resolve().parent


def matmul(name, m, n, k):
    return Workload(name, f"matmul:f32:m{m}n{n}k{k}", 2 * m * n * k, asked=f"matmul {m} {n} {k}")


def convolution(name, channels, side, outputs, kernel=3, groups=1):
    line = f"conv2d:f32:n1c{channels}h{side}w{side}o{outputs}k{kernel}"
    line += (f"p{kernel // 2}" if kernel > 1 else "") + (f"g{groups}" if groups > 1 else "")
    asked = f"conv2d {channels} {side} {side} {outputs} {kernel} {kernel // 2} {groups}"
    return Workload(name, line, 2 * channels // groups * outputs * kernel**2 * side**2, asked=asked)


WORKLOADS = [
    matmul("mm512", 512, 512, 512),
    matmul("mm1024", 1024, 1024, 1024),
    matmul("skinny1", 1, 4096, 4096),
    matmul("skinny8", 8, 4096, 4096),
    convolution("conv56", 64, 56, 64),
    convolution("conv14", 256, 14, 256),
    convolution("conv7", 512, 7, 512),
    convolution("pw56", 64, 56, 256, kernel=1),
    convolution("dw56", 96, 56, 96, groups=96),
    Workload("gelu4m", "chain:f32:n4194304:gelu(x)", 2 * 4 * 4194304, "GB/s", "gelu 4194304"),
]


def commands(arguments):
    """How each peer is started."""
    dawn = next((HERE / "tinygrad").glob("venv/lib/python*/site-packages/pydawn/lib/libwebgpu_dawn_x86_64.so"), "")
    known = {
        OURS: (ours(arguments, arguments.device), {}),
        "burn": ([HERE / "burn/target/release/burn-peer"], {"CUBECL_AUTOTUNE_CACHE": "0"}),
        "tinygrad": (
            [HERE / "tinygrad/venv/bin/python", HERE / "tinygrad/peer.py"],
            {"DEV": "WEBGPU", "BEAM": "0", "WEBGPU_PATH": str(dawn)},
        ),
        "wonnx": ([HERE / "wonnx/target/release/wonnx-peer"], {}),
    }
    return {name: known[name] for name in [OURS, *arguments.peers.split(",")]}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_arguments(parser)
    parser.add_argument("--device", default="llvmpipe", help="as wgtune's --device")
    parser.add_argument("--peers", default="burn,tinygrad,wonnx")
    arguments = parser.parse_args()
    workloads = chosen(WORKLOADS, arguments)
    if arguments.workloads:
        print("\n".join(workload.line for workload in workloads))
        return
    print(summary(race_all(workloads, lambda _: commands(arguments), arguments)) or "no peer raced")


main()
