#!/usr/bin/env python3
"""How soon real searches on the software device are near the best of a space that was recorded as a whole.

    cargo build --release && benches/real_tuning.py [--seeds 10] [--text FILE]

For each recording of tests/data/recorded made on lavapipe, `wgtune tune` searches the same narrowed space on the device
with a tenth of its configs as trials, each seed into a store of its own. A search is near the best from the first trial
on whose config takes at most the recorded best over 0.95; what a config takes is read from the recording, so that
a lucky measurement does not count. Standard library only.
"""

import argparse
import gzip
import json
import pathlib
import re
import statistics
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
NEAR = 0.95


def fixed():
    """What scripts/record-spaces.sh narrows each workload by: the one place where that is written."""
    script = (ROOT / "scripts/record-spaces.sh").read_text()
    arrays = re.findall(r"^(\w+)=\((\"[^)]*?\)?[^)]*)\)$", script, re.M | re.S)
    return {name: re.findall(r"--fix (\S+)", body) for name, body in arrays}


def search(workload, fixes, trials, seed):
    """The configs in the order in which they were tried, as JSON values by name."""
    with tempfile.TemporaryDirectory() as folder:
        options = [option for fix in fixes for option in ("--fix", fix)]
        common = ["--db", f"{folder}/trials.db"]
        tool = str(ROOT / "target/release/wgtune")
        tune = [tool, "tune", workload, "--device", "llvmpipe", "--trials", str(trials), "--seed", str(seed), "--json"]
        subprocess.run(tune + options + common, check=True, capture_output=True)
        listing = [tool, "trials", "--json", "--limit", "0", "--phase", "search"]
        lines = subprocess.run(listing + common, check=True, capture_output=True, text=True).stdout.splitlines()
        records = [json.loads(line) for line in lines]
        return [record["values"] for record in sorted(records, key=lambda record: record["trial"])]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--text", type=pathlib.Path)
    arguments = parser.parse_args()
    lines = ["space: trials until within 95 % of the recorded best, of as many as a tenth of the configs, by seed"]
    for file in sorted((ROOT / "tests/data/recorded").glob("*-lavapipe.json.gz")):
        recording = json.load(gzip.open(file))
        names = recording["tune_params_keys"]
        times = {tuple(str(entry[name]) for name in names): entry["time"] for entry in recording["cache"].values()}
        timed = [time for time in times.values() if not isinstance(time, str)]
        limit, trials = min(timed) / NEAR, len(times) // 10
        fixes = fixed().get(file.name.split("-")[0], [])
        found = []
        for seed in range(arguments.seeds):
            tried = search(recording["kernel_name"], fixes, trials, seed)
            taken = [times.get(tuple(str(values[name]) for name in names), "not recorded") for values in tried]
            near = (i + 1 for i, time in enumerate(taken) if not isinstance(time, str) and time <= limit)
            found.append(next(near, None))
        ranked = sorted(trials + 1 if number is None else number for number in found)
        shown = ", ".join("never" if number is None else str(number) for number in found)
        lines.append(f"{file.name}: {len(times)} configs, {trials} trials; median {statistics.median(ranked)}: {shown}")
        print(lines[-1], flush=True)
    if arguments.text:
        arguments.text.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
