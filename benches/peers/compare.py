#!/usr/bin/env python3
"""Races wgtune's stored winners against peers on one device: ten workloads, interleaved, outputs compared.

    benches/peers/setup.sh                                  fetches and builds the peers
    wgtune tune --device llvmpipe --db peers.db WORKLOADS   tunes what is raced; `--workloads` prints them
    benches/peers/compare.py --db peers.db                  races, prints a table, writes JSON if asked to

Every peer is a process that answers lines: `load OPERATOR SIZES FOLDER`, `time RUNS` with seconds, `save FILE`. All read the
same inputs. In each round every peer has its turn, in an order that rotates; a round's value is the median of its runs.
tinygrad tells the device's own time, the others the host's, submission and waiting included; wonnx also uploads and reads
back. wgtune prepares constant weights beforehand where a winner does so, which the peers cannot.
"""

import argparse
import array
import json
import math
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent

# Name, wgtune's line, what the peers are asked for, operations (None: bytes) of one run.
WORKLOADS = [
    ("mm512", "matmul:f32:m512n512k512", "matmul 512 512 512", 2 * 512**3),
    ("mm1024", "matmul:f32:m1024n1024k1024", "matmul 1024 1024 1024", 2 * 1024**3),
    ("skinny1", "matmul:f32:m1n4096k4096", "matmul 1 4096 4096", 2 * 4096**2),
    ("skinny8", "matmul:f32:m8n4096k4096", "matmul 8 4096 4096", 2 * 8 * 4096**2),
    ("conv56", "conv2d:f32:n1c64h56w56o64k3p1", "conv2d 64 56 56 64 3 1 1", 2 * 64 * 64 * 9 * 56**2),
    ("conv14", "conv2d:f32:n1c256h14w14o256k3p1", "conv2d 256 14 14 256 3 1 1", 2 * 256 * 256 * 9 * 14**2),
    ("conv7", "conv2d:f32:n1c512h7w7o512k3p1", "conv2d 512 7 7 512 3 1 1", 2 * 512 * 512 * 9 * 7**2),
    ("pw56", "conv2d:f32:n1c64h56w56o256k1", "conv2d 64 56 56 256 1 0 1", 2 * 64 * 256 * 56**2),
    ("dw56", "conv2d:f32:n1c96h56w56o96k3p1g96", "conv2d 96 56 56 96 3 1 96", 2 * 96 * 9 * 56**2),
    ("gelu4m", "chain:f32:n4194304:gelu(x)", "gelu 4194304", None),
]
GELU_BYTES = 2 * 4 * 4194304

# The largest difference of outputs, over the largest value: orders of summation differ, nothing else may.
TOLERANCE = 1e-4


class Peer:
    """A process that loads, times and saves."""

    def __init__(self, name, command, environment):
        self.name = name
        self.log = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, text=True,
            env={**os.environ, **environment},
        )

    def ask(self, line):
        """The answer to a line; None when the process has ended instead."""
        try:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            return None
        for answer in self.process.stdout:
            if answer.startswith("PEER "):
                return answer[len("PEER "):].strip()
        return None

    def time(self, runs):
        answer = self.ask(f"time {runs}")
        return None if answer is None else statistics.median(float(word) for word in answer.split())


def known_peers(arguments):
    """How each peer is started."""
    ours = [arguments.ours, arguments.device, arguments.db] if arguments.ours else [
        "cargo", "bench", "--quiet", "--bench", "peer", "--manifest-path", str(ROOT / "Cargo.toml"), "--",
        arguments.device, arguments.db,
    ]
    dawn = next((HERE / "tinygrad").glob("venv/lib/python*/site-packages/pydawn/lib/libwebgpu_dawn_x86_64.so"), "")
    return {
        "wgtune": (ours, {}),
        "burn": ([HERE / "burn/target/release/burn-peer"], {"CUBECL_AUTOTUNE_CACHE": "0"}),
        "tinygrad": (
            [HERE / "tinygrad/venv/bin/python", HERE / "tinygrad/peer.py"],
            {"DEV": "WEBGPU", "BEAM": "0", "WEBGPU_PATH": str(dawn)},
        ),
        "wonnx": ([HERE / "wonnx/target/release/wonnx-peer"], {}),
    }


def interval(values):
    """The median with its 95 % interval by order statistics."""
    ordered, n = sorted(values), len(values)
    below, k = 0.0, 0
    while k < n // 2:
        below += math.comb(n, k) / 2**n
        if below > 0.025:
            break
        k += 1
    low = max(k - 1, 0)
    return statistics.median(ordered), ordered[low], ordered[n - 1 - low]


def read(path):
    values = array.array("f")
    values.frombytes(pathlib.Path(path).read_bytes())
    return values


def difference(one, other):
    """The largest difference over the largest value; infinite where lengths differ or a value is none."""
    if len(one) != len(other):
        return math.inf
    largest = max(map(abs, one))
    worst = max((abs(a - b) for a, b in zip(one, other)), default=0.0)
    return worst / largest if worst == worst and largest > 0 else math.inf


def race(workload, peers, arguments):
    """Loads a workload everywhere, compares outputs, and times in rounds. Peers that fail are left out, with the reason."""
    name, line, asked, flops = workload
    left_out = {}
    with tempfile.TemporaryDirectory() as folder:
        ours = peers["wgtune"]
        if ours.ask(f"load {line} {folder}") is None or ours.ask(f"save {folder}/ours") is None:
            sys.exit(f"wgtune cannot run {line}: {failure(ours)}")
        expected = read(f"{folder}/ours")
        racing = [ours]
        for peer in [peer for peer in peers.values() if peer is not ours]:
            if peer.process.poll() is not None:
                left_out[peer.name] = "it has ended"
            elif peer.ask(f"load {asked} {folder}") is None or peer.ask(f"save {folder}/{peer.name}") is None:
                left_out[peer.name] = failure(peer)
            else:
                worst = difference(expected, read(f"{folder}/{peer.name}"))
                if worst > TOLERANCE:
                    left_out[peer.name] = f"its output differs by {worst:.1e} of the largest value"
                else:
                    racing.append(peer)
        for peer in racing:
            peer.time(2)
        rounds = {peer.name: [] for peer in racing}
        for number in range(arguments.rounds):
            turn = number % len(racing)
            for peer in racing[turn:] + racing[:turn]:
                rounds[peer.name].append(peer.time(arguments.runs))
    return {"name": name, "workload": line, "flops": flops, "seconds": rounds, "left_out": left_out}


def failure(peer):
    """The last line that a peer wrote before it ended."""
    peer.log.seek(0)
    lines = [line.strip() for line in peer.log if line.strip()]
    return lines[-1][:160] if lines else "it ended without a word"


def judge(result):
    """Adds rates, the best peer, and how many times faster wgtune is than it."""
    seconds = result["seconds"]
    work = result["flops"] or GELU_BYTES
    result["rates"] = {name: work / statistics.median(times) / 1e9 for name, times in seconds.items()}
    others = [name for name in seconds if name != "wgtune"]
    if others:
        best = min(others, key=lambda name: statistics.median(seconds[name]))
        ratios = [theirs / ours for ours, theirs in zip(seconds["wgtune"], seconds[best])]
        result["best_peer"], result["speedup"] = best, interval(ratios)
    return result


def row(result):
    unit = "GFLOP/s" if result["flops"] else "GB/s"
    rates = "  ".join(f"{name} {rate:.2f}" for name, rate in result["rates"].items())
    left = "".join(f"; {name} left out: {why}" for name, why in result["left_out"].items())
    if "speedup" not in result:
        return f"{result['name']:8} {rates} {unit}{left}"
    value, low, high = result["speedup"]
    return f"{result['name']:8} {value:5.2f}× [{low:.2f}, {high:.2f}] of {result['best_peer']:8}  {rates} {unit}{left}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--db", default="peers.db", help="the store that has the winners")
    parser.add_argument("--device", default="llvmpipe", help="as wgtune's --device")
    parser.add_argument("--ours", help="the built bench `peer`, instead of building it")
    parser.add_argument("--peers", default="burn,tinygrad,wonnx")
    parser.add_argument("--only", help="names of workloads, with commas")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--runs", type=int, default=3, help="runs of each peer in a round")
    parser.add_argument("--json", help="where the samples go")
    parser.add_argument("--workloads", action="store_true", help="print wgtune's lines and end")
    arguments = parser.parse_args()
    chosen = [one for one in WORKLOADS if not arguments.only or one[0] in arguments.only.split(",")]
    if arguments.workloads:
        print("\n".join(line for _, line, _, _ in chosen))
        return
    starts = known_peers(arguments)
    names = ["wgtune", *arguments.peers.split(",")]
    results = []
    for workload in chosen:
        # Anew for each workload: whoever has crashed in one may run the next.
        peers = {name: Peer(name, *starts[name]) for name in names}
        results.append(judge(race(workload, peers, arguments)))
        print(row(results[-1]), flush=True)
        for peer in peers.values():
            peer.process.stdin.close()
            peer.process.wait()
        if arguments.json:
            pathlib.Path(arguments.json).write_text(json.dumps(results, indent=1))
    raced = [result["speedup"][0] for result in results if "speedup" in result]
    if raced:
        mean = math.exp(statistics.fmean(math.log(value) for value in raced))
        ahead = sum(result["speedup"][1] > 1 for result in results if "speedup" in result)
        print(f"geometric mean {mean:.2f}×; ahead beyond the interval in {ahead} of {len(raced)}")


main()
