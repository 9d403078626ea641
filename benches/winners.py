#!/usr/bin/env python3
"""Which template wins where: searches all templates of each workload and prints one table, every algorithm with its time.

    cargo build --release
    benches/winners.py --device llvmpipe --time 40s --out results/winners-llvmpipe workloads/kernels.txt workloads/resnet18.txt

Arguments are lists of workloads; `+` behind one takes its convolutions alone. The time of the winner is that of the final
race, with its 95 % interval and its ratio to the default; those of the other templates are their best of the search. No
search learns from another workload's. Writes
OUT.json with what `wgtune tune` told of each workload, after each; the same command goes on. Standard library only.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent


def workloads(lists):
    """The lines of all lists, none twice."""
    found = []
    for name in lists:
        lines = (ROOT / name.removesuffix("+")).read_text().splitlines()
        lines = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
        found += [line for line in lines if not name.endswith("+") or line.startswith("conv2d:")]
    return list(dict.fromkeys(found))


def tune(workload, arguments, store):
    """What the tuner tells, as far as the table needs it; the reason where it fails."""
    tool = str(ROOT / "target/release/wgtune")
    command = [tool, "tune", workload, "--device", arguments.device, "--time", arguments.time, "--json", "--db", store]
    command += ["--trials", str(arguments.trials), "--no-warm-start"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        return {"workload": workload, "failed": done.stderr.strip().splitlines()[-1]}
    told = json.loads(done.stdout)
    templates = [
        {key: report[key] for key in ("template", "fate", "why", "trials", "best_ns")} for report in told["run"]["templates"]
    ]
    best = told["best"]
    samples = best["outcome"]["timed"]["samples_ns"] if "timed" in best["outcome"] else best["outcome"]["samples_ns"]
    return {
        "workload": workload,
        "device": best["device"],
        "winner": best["template"],
        "values": best["values"],
        "samples_ns": samples,
        "over_default": told["speedup_over_default"],
        "over_naive": told["speedup_over_naive"],
        "noise_floor": told["noise_floor"],
        "trials": told["run"]["trials"],
        "templates": templates,
    }


def milliseconds(ns):
    return f"{ns / 1e6:.3g}"


def ratio(estimate):
    if estimate is None:
        return ""
    return f"{estimate['value']:.2f}× [{estimate['low']:.2f}, {estimate['high']:.2f}]"


def row(result):
    if "failed" in result:
        return f"| `{result['workload']}` | {result['failed']} |"
    ordered = sorted(result["samples_ns"])
    short = lambda name: name.split("/")[1]
    others = [
        f"{short(report['template'])} {milliseconds(report['best_ns']['value'])}"
        for report in sorted(
            (report for report in result["templates"] if report["best_ns"]), key=lambda report: report["best_ns"]["value"]
        )
    ]
    cells = [
        f"`{result['workload']}`",
        short(result["winner"]),
        milliseconds(ordered[len(ordered) // 2]),
        ratio(result["over_default"]),
        ratio(result["over_naive"]),
        ", ".join(others),
    ]
    return "| " + " | ".join(cells) + " |"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lists", nargs="+")
    parser.add_argument("--device", default="llvmpipe")
    parser.add_argument("--time", default="40s", help="of searching for each workload")
    parser.add_argument("--trials", type=int, default=300)
    parser.add_argument("--out", type=pathlib.Path, required=True, help="the table goes to OUT.md, what was told to OUT.json")
    parser.add_argument("--db", help="the store; a scratch one unless named")
    arguments = parser.parse_args()
    told = arguments.out.with_suffix(".json")
    results = json.loads(told.read_text()) if told.exists() else []
    known = {result["workload"] for result in results}
    with tempfile.TemporaryDirectory() as folder:
        store = arguments.db or f"{folder}/trials.db"
        for workload in workloads(arguments.lists):
            if workload not in known:
                results.append(tune(workload, arguments, store))
                told.write_text(json.dumps(results))
                print(row(results[-1]), file=sys.stderr, flush=True)
    lines = ["$ " + " ".join(["benches/winners.py", *sys.argv[1:]]), ""]
    lines += ["| workload | winner | ms | over the default | over the naive kernel | best of each template in the search, ms |"]
    lines += ["|---|---|---|---|---|---|"]
    lines += [row(result) for result in results]
    arguments.out.with_suffix(".md").write_text("\n".join(lines) + "\n")


main()
