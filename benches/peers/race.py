"""What the races of `compare.py` and `processor.py` share: peers as processes, rounds, outputs compared, tables.

Every peer is a process that answers lines: `load WORKLOAD FOLDER`, `time RUNS` with seconds, `save FILE`. All read the same
inputs. In each round every peer has its turn, in an order that rotates, while the others stand still; a round's value is the
median of its runs. A ratio is, round by round, the time of the peer with the least median over that of a program of ours.
Standard library only.
"""

import array
import dataclasses
import json
import math
import os
import pathlib
import signal
import statistics
import subprocess
import sys
import tempfile

# The largest difference of outputs, over the largest value: orders of summation differ, nothing else may.
TOLERANCE = 1e-4

# What wgtune's programs are called: the tuner's choice, and in some races the best of our own kernels.
OURS, OWN = "wgtune", "own"


@dataclasses.dataclass
class Workload:
    """What is raced."""

    name: str
    line: str  # wgtune's own
    work: float  # operations, or bytes, of one run
    unit: str = "GFLOP/s"
    asked: str = ""  # what the peers are asked for, where that is not the line


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
        """The median of some runs. Else it stands still: threads that wait by spinning would hold up the others."""
        self.process.send_signal(signal.SIGCONT)
        answer = self.ask(f"time {runs}")
        self.process.send_signal(signal.SIGSTOP)
        return None if answer is None else statistics.median(float(word) for word in answer.split())

    def failure(self):
        """The last line that it wrote before it ended."""
        self.log.seek(0)
        lines = [line.strip() for line in self.log if line.strip()]
        return lines[-1][:160] if lines else "it ended without a word"

    def end(self):
        self.process.send_signal(signal.SIGCONT)
        self.process.stdin.close()
        self.process.wait()


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


def why_not(peer, asked, folder, expected):
    """Why a peer cannot race; None where its output is right."""
    if peer.process.poll() is not None:
        return "it has ended"
    if peer.ask(f"load {asked} {folder}") is None or peer.ask(f"save {folder}/{peer.name}") is None:
        return peer.failure()
    worst = difference(expected, read(f"{folder}/{peer.name}"))
    return f"its output differs by {worst:.1e} of the largest value" if worst > TOLERANCE else None


def race(workload, peers, arguments):
    """Loads a workload everywhere, compares outputs, and times in rounds. Peers that fail are left out, with the reason."""
    ours, left_out = peers[OURS], {}
    with tempfile.TemporaryDirectory() as folder:
        if ours.ask(f"load {workload.line} {folder}") is None or ours.ask(f"save {folder}/ours") is None:
            sys.exit(f"wgtune cannot run {workload.line}: {ours.failure()}")
        expected = read(f"{folder}/ours")
        racing = [ours]
        for peer in [peer for peer in peers.values() if peer is not ours]:
            reason = why_not(peer, workload.asked or workload.line, folder, expected)
            if reason is None:
                racing.append(peer)
            else:
                left_out[peer.name] = reason
        for peer in racing:
            peer.time(2)
        seconds = {peer.name: [] for peer in racing}
        for number in range(arguments.rounds):
            turn = number % len(racing)
            for peer in racing[turn:] + racing[:turn]:
                seconds[peer.name].append(peer.time(arguments.runs))
    return judge({**dataclasses.asdict(workload), "seconds": seconds, "left_out": left_out})


def judge(result):
    """Adds rates, the best peer, and how many times faster each program of ours is than it."""
    seconds = result["seconds"]
    result["rates"] = {name: result["work"] / statistics.median(times) / 1e9 for name, times in seconds.items()}
    others = [name for name in seconds if name not in (OURS, OWN)]
    if others:
        best = result["best_peer"] = min(others, key=lambda name: statistics.median(seconds[name]))
        result["speedup"] = {
            name: interval([theirs / ours for ours, theirs in zip(seconds[name], seconds[best])])
            for name in seconds if name not in others
        }
    return result


def row(result):
    speedups = "  ".join(
        f"{value:5.2f}× [{low:.2f}, {high:.2f}]" for value, low, high in result.get("speedup", {}).values()
    )
    best = f"of {result['best_peer']:8}" if speedups else ""
    rates = "  ".join(f"{name} {rate:.2f}" for name, rate in result["rates"].items())
    left = "".join(f"; {name} left out: {why}" for name, why in result["left_out"].items())
    return f"{result['name']:8} {speedups} {best}  {rates} {result['unit']}{left}"


def summary(results, name=OURS):
    """The geometric mean over all that had a peer, the least, and in how many we are ahead; None where none had."""
    raced = [result["speedup"][name] for result in results if name in result.get("speedup", {})]
    if not raced:
        return None
    mean = math.exp(statistics.fmean(math.log(value) for value, _, _ in raced))
    least = min(value for value, _, _ in raced)
    ahead = sum(low > 1 for _, low, _ in raced)
    return f"geometric mean {mean:.2f}×, least {least:.2f}×; ahead beyond the interval in {ahead} of {len(raced)}"


def race_all(workloads, start, arguments):
    """Races one workload after the other, prints and keeps what comes of it. `start` gives the peers' commands by name."""
    results = []
    for workload in workloads:
        # Anew for each workload: whoever has crashed in one may run the next.
        peers = {name: Peer(name, *command) for name, command in start(workload).items()}
        results.append(race(workload, peers, arguments))
        print(row(results[-1]), flush=True)
        for peer in peers.values():
            peer.end()
        if arguments.json:
            pathlib.Path(arguments.json).write_text(json.dumps(results, indent=1))
    return results


def add_arguments(parser):
    """The arguments that all races have."""
    parser.add_argument("--db", default="peers.db", help="the store that has the winners")
    parser.add_argument("--ours", help="the built bench `peer`, instead of building it")
    parser.add_argument("--only", help="names of workloads, with commas")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--runs", type=int, default=3, help="runs of each peer in a round")
    parser.add_argument("--json", help="where the samples go")
    parser.add_argument("--workloads", action="store_true", help="print wgtune's lines and end")


def chosen(workloads, arguments):
    return [one for one in workloads if not arguments.only or one.name in arguments.only.split(",")]


def ours(arguments, device):
    """How wgtune is started as a peer."""
    manifest = pathlib.Path(__file__).resolve().parent.parent.parent / "Cargo.toml"
    built = ["cargo", "bench", "--quiet", "--bench", "peer", "--manifest-path", str(manifest), "--"]
    return [*([arguments.ours] if arguments.ours else built), device, arguments.db]
