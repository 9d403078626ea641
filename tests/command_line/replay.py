"""Replays a cache file by Kernel Tuner and checks T4 results by its schema: `replay.py CACHE T4`."""

import json
import sys

import jsonschema
from kernel_tuner import interface
from kernel_tuner.file_utils import output_file_schema

cache, t4 = sys.argv[1:]
with open(t4, encoding="utf-8") as file:
    jsonschema.validate(json.load(file), output_file_schema("results")[1])
with open(cache, encoding="utf-8") as file:
    header = json.load(file)
results, env = interface.tune_cache(cache, strategy="brute_force", quiet=True)
best = {name: env["best_config"][name] for name in header["tune_params_keys"] + ["time"]}
print(json.dumps({"kernel": header["kernel_name"], "evaluated": len(results), "best": best}))
