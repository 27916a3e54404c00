"""Measures `--device cuda`; benches/cuda.md says which call answers what. Needs nothing but Python.

    python3 benches/cuda.py scale --runs 1 10 100 1000 10000
    python3 benches/cuda.py curves --runs 100
    python3 benches/cuda.py leak --runs 1000
"""

import argparse
import csv
import json
import math
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PROGRAM = ROOT / "target/x86_64-unknown-linux-gnu/release/replikat"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["scale", "curves", "leak"])
    parser.add_argument("--runs", type=int, nargs="+", default=[100])
    parser.add_argument("--spec", type=Path, default=ROOT / "benches/peers/job.yaml")
    parser.add_argument("--network", default="net1")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--program", type=Path, default=PROGRAM)
    parser.add_argument("--set", action="append", default=[], help="as for replikat run")
    return parser.parse_args()


def command(options, folder, device, runs, *more):
    values = [f"grid.architecture=[{options.network}]", f"grid.seed.count={runs}", *options.set]
    sets = [part for value in values for part in ("--set", value)]
    folders = ["--results", folder, "--reports", folder]
    return [str(options.program), "run", str(options.spec), "--quiet", "--device", device, *folders, *sets, *more]


def records(folder):
    found = [json.loads(path.read_text())["body"] for path in Path(folder).glob("store/v1/*/*.json")]
    return sorted(found, key=lambda record: int(json.loads(record["preimage"])["seed"]))


def scale(options):
    """Time against the size of a cohort. Of two cohorts the second counts: the first one loads the kernels."""
    print("| runs at once | seconds | seconds per run | mean test accuracy, % |\n|---:|---:|---:|---:|")
    for runs in options.runs:
        with tempfile.TemporaryDirectory() as folder:
            more = [] if options.device == "cpu" else ["--jobs", str(runs)]
            subprocess.run(command(options, folder, options.device, 2 * runs, *more), check=True, stdout=sys.stderr)
            second = records(folder)[runs:]
        sizes = {record["provenance"]["jobs"] for record in second}
        if options.device != "cpu" and sizes != {runs}:
            print(f"| {runs} | did not fit: cohorts of {sorted(sizes)} | | |")
            continue
        seconds = max(record["provenance"]["seconds"] for record in second)
        accuracy = statistics.mean(record["outcome"]["epochs"][-1]["test"]["accuracy"] for record in second)
        print(f"| {runs} | {seconds:.2f} | {seconds / runs:.5f} | {100 * accuracy:.2f} |", flush=True)


def curves(options):
    """Each metric's mean over the runs, epoch by epoch, on the CPU and on the device, in standard errors of the difference."""
    means = []
    with tempfile.TemporaryDirectory() as folder:
        for device in ("cpu", options.device):
            subprocess.run(command(options, folder, device, options.runs[0]), check=True, stdout=sys.stderr)
        for path in sorted(Path(folder).glob("*/epochs.csv"), key=lambda path: len(path.parent.name)):
            values = defaultdict(list)
            for row in csv.DictReader(path.open()):
                for metric in list(row)[5:]:
                    if row["finished"] == "true" and row[metric]:
                        values[int(row["epoch"]), metric].append(float(row[metric]))
            means.append({key: (statistics.mean(v), statistics.variance(v) / len(v)) for key, v in values.items()})
    cpu, device = means
    apart = {
        key: abs(cpu[key][0] - device[key][0]) / math.sqrt(cpu[key][1] + device[key][1])
        for key in cpu
        if cpu[key][1] + device[key][1] > 0
    }
    key = max(apart, key=apart.get)
    within = sum(value <= 3 for value in apart.values())
    print(f"{within} of {len(apart)} means lie within 3 standard errors; the farthest is {key[1]} of epoch {key[0]}: "
          f"{cpu[key][0]:.5f} and {device[key][0]:.5f}, {apart[key]:.2f} standard errors apart")


def memory(process, device):
    """Returns the MB in use: of the GPUs, or of the process."""
    if device.startswith("cuda"):
        query = ["nvidia-smi", "--query-gpu=memory.used", "--format=csv,noheader,nounits"]
        return sum(float(line) for line in subprocess.run(query, capture_output=True, text=True).stdout.split())
    status = Path(f"/proc/{process.pid}/status").read_text()
    return next((int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS")), 0)


def leak(options):
    """The most memory in use while each of three cohorts of the same size is trained."""
    runs = options.runs[0]
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(
            command(options, folder, options.device, 3 * runs, "--jobs", str(runs)), stdout=sys.stderr
        )
        peaks = [0.0, 0.0, 0.0]
        while process.poll() is None:
            stored = sum(1 for _ in Path(folder).glob("store/v1/*/*.json"))
            cohort = min(stored // runs, 2)
            peaks[cohort] = max(peaks[cohort], memory(process, options.device))
            time.sleep(0.1)
    print("MB in use, three cohorts in turn: " + ", ".join(f"{peak:.0f}" for peak in peaks))


options = arguments()
{"scale": scale, "curves": curves, "leak": leak}[options.what](options)
