"""Runs Kernel Tuner's own strategies on recorded spaces, in its simulation mode, as `wgtune replay` runs ours.

    scripts/kernel-tuner.sh                      # makes target/python/kernel-tuner, once
    target/python/kernel-tuner/bin/python benches/peers/kernel_tuner/compare.py FILE... [--runs 20]
        [--strategy NAME...] [--json OUT.json] [--text OUT.txt]

Files are Kernel Tuner cache files or T4 results, plain or gzipped. Results are written after each strategy, and a run
that was stopped goes on where it was: pairs of file and strategy that are in OUT.json are not run again.

How the comparison is made fair:
- Evaluations are counted as Kernel Tuner counts them: each distinct configuration once, failed ones too; asking for
  one again is free. The order is that in which its simulation runner first looked each of them up.
- Its search space has exactly the configurations of the file, failed ones among them, as ours has. (Its own
  `tune_cache` leaves the failed ones out of the space, which tells the strategies what they have to find out.) They
  are given as a constraint that looks a configuration up; a strategy that proposes anything else is told that it is
  invalid, and nothing is counted.
- All strategies have their default options and a budget of 400 evaluations. Where one ends earlier by itself, its
  best stays as it is for the rest.
- A strategy whose first run takes longer than 20 s gets fewer runs, and a run is ended after 150 s; both are said.
- `bayes_opt` of Kernel Tuner 1.5.0 knows a failed configuration by the cost 1e20, and is told the largest number there
  is, which overflows its model: it learns nothing where one failed. `bayes_opt_repaired` is the same told 1e20.
- `brute_force` is left out. A strategy that fails on a space, or lacks its package, is named with its reason.
"""

import argparse
import contextlib
import gzip
import io
import json
import os
import random
import signal
import sys
import tempfile
import time
import warnings
from importlib.metadata import version
from pathlib import Path

import numpy
from constraint import FunctionConstraint
from kernel_tuner import interface, util
from scipy import stats

AT = [25, 50, 100, 200, 400]
SLOW_S = 20.0
ENDED_S = 150
REPAIRED = "bayes_opt_repaired"
REPAIRED_COST = 1e20
TOLD_COST = util.get_result_cost
FAILURES = {"compile": "CompilationFailedConfig", "constraints": "InvalidConfig"}


class Lookups(dict):
    """The cache of one run, which notes what is looked up, each key once and in order."""

    def __init__(self, entries):
        super().__init__(entries)
        self.order = {}

    def __getitem__(self, key):
        self.order.setdefault(key, None)
        return super().__getitem__(key)


class Ended(BaseException):
    """A run that took too long. No `Exception`, so that no strategy takes it for one of its own."""


class Space:
    """A recorded space: what Kernel Tuner needs to search it."""

    def __init__(self, path):
        opened = gzip.open if path.name.endswith(".gz") else open
        with opened(path, "rt", encoding="utf-8") as file:
            text = file.read().strip()
        data = as_cache(text)
        self.name = path.name.removesuffix(".gz").removesuffix(".json").removesuffix(".t4")
        self.data = data
        self.file = tempfile.NamedTemporaryFile("w", suffix=".json", delete=False)
        with self.file:
            json.dump(data, self.file)
        for entry in data["cache"].values():
            if isinstance(entry["time"], str):
                entry["__error__"] = getattr(util, entry["time"])()
        names = data["tune_params_keys"]
        self.legal = {tuple(entry[name] for name in names) for entry in data["cache"].values()}
        self.optimum = min(entry["time"] for entry in data["cache"].values() if "__error__" not in entry)

    def search(self, strategy, runs_seed):
        """Runs a strategy once; the fraction of the optimum after each evaluation."""
        random.seed(runs_seed)
        numpy.random.seed(runs_seed)
        lookups = Lookups(self.data["cache"])
        util.read_cache = lambda *_, **__: {**self.data, "cache": lookups}
        util.get_result_cost = repaired_cost if strategy == REPAIRED else TOLD_COST
        size = self.data["problem_size"]
        signal.alarm(ENDED_S)
        try:
            interface.tune_kernel(
                self.data["kernel_name"], "", size if isinstance(size, int) else tuple(size), [],
                self.data["tune_params"], restrictions=[FunctionConstraint(lambda *values: values in self.legal)],
                strategy="bayes_opt" if strategy == REPAIRED else strategy, strategy_options={"max_fevals": AT[-1]},
                cache=self.file.name, simulation_mode=True, quiet=True, seed=runs_seed,
            )
        finally:
            signal.alarm(0)
            self.order = list(lookups.order)
        return self.fractions()

    def fractions(self):
        best, curve = float("inf"), []
        for key in self.order[: AT[-1]]:
            entry = self.data["cache"][key]
            best = min(best, float("inf") if "__error__" in entry else entry["time"])
            curve.append(self.optimum / best)
        return curve + [curve[-1] if curve else 0.0] * (AT[-1] - len(curve))


def as_cache(text):
    """A cache file's or T4 results' data in the layout of a cache file, closed where it was left open."""
    try:
        data = json.loads(text)
    except json.JSONDecodeError:
        data = json.loads(text.rstrip(",") + "}\n}")
    if "results" not in data:
        return data
    names = list(data["results"][0]["configuration"])
    values = {name: sorted({result["configuration"][name] for result in data["results"]}) for name in names}
    cache = {}
    for result in data["results"]:
        config = result["configuration"]
        if result["invalidity"] == "correct":
            [measured] = [m["value"] for m in result["measurements"] if m["name"] == "time"]
        else:
            measured = FAILURES.get(result["invalidity"], "RuntimeFailedConfig")
        cache[",".join(str(config[name]) for name in names)] = {**config, "time": measured}
    return {"device_name": "unknown", "kernel_name": "kernel", "problem_size": 1, "objective": "time",
            "tune_params_keys": names, "tune_params": values, "cache": cache}


def repaired_cost(result, objectives, higher_is_better):
    """What a strategy is told of a result, with a cost of failures that `bayes_opt` knows."""
    if "__error__" in result:
        return [REPAIRED_COST] * len(objectives)
    return TOLD_COST(result, objectives, higher_is_better)


def summary(values):
    """Of one fraction over the runs: the mean with its 95 % interval (Student's t), and the quartiles. A fraction is
    never above 1, so neither is the interval."""
    mean = float(numpy.mean(values))
    half = float(stats.t.ppf(0.975, len(values) - 1) * stats.sem(values)) if len(values) > 1 else 0.0
    q1, median, q3 = (float(q) for q in numpy.quantile(values, [0.25, 0.5, 0.75]))
    low, high = max(0.0, mean - half), min(1.0, mean + half)
    named = {"mean": mean, "median": median, "q1": q1, "q3": q3, "low": low, "high": high}
    return {name: round(value, 6) for name, value in named.items()}


def measure(space, strategy, runs):
    """All runs of a strategy on a space."""
    curves, ended, spent = [], 0, 0.0
    while len(curves) < runs:
        started = time.perf_counter()
        try:
            curves.append(space.search(strategy, len(curves)))
        except Ended:
            curves.append(space.fractions())
            ended += 1
        spent = time.perf_counter() - started
        if len(curves) == 1 and spent > SLOW_S:
            runs = min(runs, max(3, int(runs * SLOW_S / spent)))
    at = {str(n): summary([curve[n - 1] for curve in curves]) for n in AT}
    return {"space": space.name, "strategy": strategy, "runs": runs, "ended_early": ended,
            "optimum": space.optimum * 1e6, "fraction": at}


def table(results, failed):
    """The results as text, the best first at 100 evaluations."""
    lines = [f"Kernel Tuner {version('kernel_tuner')}'s own strategies, by benches/peers/kernel_tuner/compare.py:",
             "mean fraction of the optimum after so many evaluations, with the 95 % interval of the mean"]
    for space in dict.fromkeys(result["space"] for result in results):
        lines += ["", space, f"{'strategy':<24}{'runs':>5}" + "".join(f"{n:>22}" for n in AT)]
        rows = [result for result in results if result["space"] == space]
        for row in sorted(rows, key=lambda row: -row["fraction"]["100"]["mean"]):
            cells = "".join("{:>8.3f} ({:.3f}-{:.3f})".format(f["mean"], f["low"], f["high"]).rjust(22)
                            for f in row["fraction"].values())
            note = f"  {row['ended_early']} ended after {ENDED_S} s" if row["ended_early"] else ""
            lines.append(f"{row['strategy']:<24}{row['runs']:>5}{cells}{note}")
    lines += [""] + [f"failed: {space}, {strategy}: {why}" for (space, strategy), why in failed.items()]
    return "\n".join(lines).rstrip() + "\n"


def end(*_):
    raise Ended


def write(path, text):
    """Replaces a file at once, so that a reader never sees half of it."""
    if path:
        Path(f"{path}.new").write_text(text, encoding="utf-8")
        os.replace(f"{path}.new", path)


def keep(options, results, failed):
    """Writes what is known so far."""
    lines = ",\n".join(json.dumps(result) for result in results)
    write(options.json, '{"results": [\n' + lines + "\n]}\n")
    write(options.text, table(results, failed))


def main():
    known = [name for name in interface.strategy_map if name != "brute_force"] + [REPAIRED]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--strategy", nargs="+", choices=known, default=known, metavar="NAME")
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--text", type=Path)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGALRM, end)
    results = json.loads(options.json.read_text())["results"] if options.json and options.json.exists() else []
    done = {(result["space"], result["strategy"]) for result in results}
    failed = {}
    for path in options.files:
        space = Space(path)
        for strategy in (name for name in options.strategy if (space.name, name) not in done):
            started = time.perf_counter()
            try:
                with contextlib.redirect_stdout(io.StringIO()):
                    results.append(measure(space, strategy, options.runs))
            except Exception as error:  # whatever a strategy does, the others are run
                failed[space.name, strategy] = f"{type(error).__name__}: {error}".splitlines()[0]
            print(f"{space.name} {strategy}: {time.perf_counter() - started:.1f} s", file=sys.stderr)
            keep(options, results, failed)
        os.unlink(space.file.name)
    keep(options, results, failed)
    print(table(results, failed), end="")


if __name__ == "__main__":
    main()
