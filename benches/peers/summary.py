#!/usr/bin/env python3
"""Tables in Markdown from results of `wgtune replay --json` and of peers, which have the same shape.

    benches/peers/summary.py results/replay-six-spaces.json [results/kernel-tuner-strategies.json]

First the mean fraction of the optimum per space for the strategies of the first file, with its 95 % interval where there
is one; then the mean over all spaces for every strategy of every file, best at 100 evaluations first. Standard library
only.
"""

import json
import sys

AT = ["25", "50", "100", "200", "400"]


def load(path):
    """By strategy and space, the fractions by number of evaluations."""
    with open(path, encoding="utf-8") as file:
        results = json.load(file)["results"]
    return {(r["strategy"], r["space"]): r["fraction"] for r in results}


def cell(fraction):
    if not fraction or fraction["mean"] is None:
        return "–"
    spread = f" ± {(fraction['high'] - fraction['low']) / 2:.3f}" if fraction.get("low") is not None else ""
    return f"{fraction['mean']:.3f}{spread}"


def row(cells):
    print("| " + " | ".join(cells) + " |")


def by_space(results):
    spaces = sorted({space for _, space in results})
    strategies = list(dict.fromkeys(strategy for strategy, _ in results))
    for at in ["50", "100", "200"]:
        print(f"\nAfter {at} evaluations:\n")
        row(["strategy", *spaces])
        row(["---"] * (len(spaces) + 1))
        for strategy in strategies:
            row([f"`{strategy}`", *(cell(results[strategy, space].get(at)) for space in spaces)])


def over_spaces(files):
    lines = []
    for source, results in files.items():
        for strategy in dict.fromkeys(strategy for strategy, _ in results):
            fractions = [fraction for (name, _), fraction in results.items() if name == strategy]
            known = lambda at: all(f.get(at) and f[at]["mean"] is not None for f in fractions)
            means = [sum(f[at]["mean"] for f in fractions) / len(fractions) if known(at) else None for at in AT]
            lines.append((source, strategy, len(fractions), means))
    most = max(count for *_, count, _ in lines)
    lines = [line for line in lines if line[2] == most]
    print(f"\nThe mean over {most} spaces (strategies that failed on a space are left out):\n")
    row(["from", "strategy", *AT])
    row(["---"] * (len(AT) + 2))
    for source, strategy, _, means in sorted(lines, key=lambda line: -line[3][AT.index("100")]):
        row([source, f"`{strategy}`", *("–" if mean is None else f"{mean:.3f}" for mean in means)])


def main():
    files = {path.rsplit("/", 1)[-1].removesuffix(".json"): load(path) for path in sys.argv[1:]}
    if not files:
        sys.exit(__doc__)
    by_space(next(iter(files.values())))
    over_spaces(files)


if __name__ == "__main__":
    main()
