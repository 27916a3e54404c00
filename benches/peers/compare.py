"""Runs the job in replikat and in its peers, on one core and on all, and writes the table of README.md."""

import argparse
import datetime
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
MARKERS = "<!-- table -->\n", "<!-- end of table -->\n"
JOBS = [(network, batch) for network in ("net1", "net2") for batch in (16, 64)]
# Seeds of the processes that run at the same time lie this far apart.
STRIDE = 1000

PYTHON = os.environ.get("PEERS_PYTHON", sys.executable)
PEERS = {
    "replikat": None,
    "torch": [PYTHON, "with_torch.py"],
    "torch-compiled": [PYTHON, "with_torch.py", "--compile"],
    "jax": [PYTHON, "with_jax.py"],
    "jax-patches": [PYTHON, "with_jax.py", "--patches"],
    "candle": ["candle/target/release/peer-candle"],
    "burn": ["burn/target/release/peer-burn"],
}
COMPILING = ["torch-compiled", "jax", "jax-patches"]
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "RAYON_NUM_THREADS": "1",
    "POLARS_MAX_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",
    "JAX_PLATFORMS": "cpu",
}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers", nargs="+", choices=PEERS, default=list(PEERS))
    parser.add_argument("--runs", type=int, default=5, help="of each process")
    parser.add_argument("--limit", type=float, default=60, help="seconds after which a process starts no further run")
    parser.add_argument("--epochs", type=int, default=25, help="another number goes with --print")
    parser.add_argument("--print", action="store_true", help="print the table and leave README.md as it is")
    options = parser.parse_args()
    if options.epochs != 25 and not options.print:
        parser.error("the table of README.md is of 25 epochs; add --print")
    return options


def build(peers):
    folders = {"replikat": ROOT, "candle": HERE / "candle", "burn": HERE / "burn"}
    for peer in [peer for peer in peers if peer in folders]:
        profile = [] if peer == "replikat" else ["--release"]
        subprocess.run(["cargo", "build", "--quiet", "--locked", *profile], cwd=folders[peer], check=True)


def start(command, core, folder):
    environment = os.environ | ONE_THREAD | {"TORCHINDUCTOR_CACHE_DIR": folder}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    return subprocess.Popen(["taskset", "-c", str(core), *command], cwd=HERE, env=environment, **pipes)


def finish(child):
    output = child.communicate()[0]
    if child.returncode:
        sys.exit(f"`{' '.join(child.args)}` ended with {child.returncode}")
    return output


def run_peer(peer, job, cores, options, folder):
    """Returns one result per core; the processes run at the same time, after all have warmed up."""
    network, batch = job
    settings = {"network": network, "batch": batch, **{name: getattr(options, name) for name in ("runs", "limit", "epochs")}}
    flags = [part for name, value in settings.items() for part in (f"--{name}", str(value))]
    children = [
        start([*PEERS[peer], *flags, "--seed", str(STRIDE * index), "--wait"], core, folder)
        for index, core in enumerate(cores)
    ]
    for child in children:
        if child.stdout.readline() != "ready\n":
            finish(child)
            sys.exit(f"`{' '.join(child.args)}` did not warm up")
    for child in children:
        child.stdin.write("\n")
        child.stdin.flush()
    return [json.loads(finish(child).splitlines()[-1]) for child in children]


def run_ours(_, job, cores, options, folder):
    """Returns one result per core, from the records of `replikat run`; the first run is the warm-up."""
    network, batch = job
    children = []
    for index, core in enumerate(cores):
        out = f"{folder}/{len(cores)}-{index}"
        values = {
            "train.batch": batch,
            "train.epochs": options.epochs,
            "grid.architecture": f"[{network}]",
            "grid.seed.from": STRIDE * index,
            "grid.seed.count": 1 + options.runs,
        }
        sets = [part for path, value in values.items() for part in ("--set", f"{path}={value}")]
        command = [str(ROOT / "target/debug/replikat"), "run", "job.yaml", "--quiet", "--jobs", "1"]
        children.append(start([*command, "--results", out, "--reports", out, *sets], core, folder))
    for child in children:
        finish(child)
    return [stored(f"{folder}/{len(cores)}-{index}") for index in range(len(cores))]


def stored(results):
    records = [json.loads(path.read_text())["body"] for path in Path(results).glob("store/*/*/*.json")]
    records.sort(key=lambda record: int(json.loads(record["preimage"])["seed"]))
    made = records[0]["provenance"]
    return {
        "library": f"replikat {made['version']} ({made['commit'][:7]}, {made['isa']})",
        "seconds": [record["provenance"]["seconds"] for record in records[1:]],
        "accuracies": [record["outcome"]["epochs"][-1]["test"]["accuracy"] for record in records[1:]],
    }


def measure(peer, job, cores, options):
    """Returns the results on one core and on all."""
    both = []
    with tempfile.TemporaryDirectory() as folder:
        for chosen in (cores[:1], cores):
            run = run_peer if PEERS[peer] else run_ours
            results = run(peer, job, chosen, options, folder)
            seconds = (f"{s:.2f}" for r in results for s in r["seconds"])
            print(peer, *job, f"{len(chosen)} at once:", *seconds, file=sys.stderr)
            both.append(results)
    return both


def one_core(results):
    return statistics.median(results[0][0]["seconds"])


def all_cores(results):
    """Wall time of the slowest process by the runs of all."""
    return max(sum(r["seconds"]) for r in results[1]) / sum(len(r["seconds"]) for r in results[1])


def accuracy(results):
    return 100 * statistics.mean(a for part in results for r in part for a in r["accuracies"])


def row(cells):
    return f"| {' | '.join(cells)} |\n"


def table(results, title, cell, extra=()):
    """One line per peer, one column per job; `extra` adds columns: pairs of heading and function of a peer."""
    text = row([title, *(f"{n.capitalize()}, batch {b}" for n, b in JOBS), *(heading for heading, _ in extra)])
    text += "|---|" + "---:|" * (len(JOBS) + len(extra)) + "\n"
    for peer, jobs in results.items():
        cells = [cell(job, jobs[job]) for job in JOBS]
        text += row([jobs[JOBS[0]][0][0]["library"], *cells, *(of(peer, jobs) for _, of in extra)])
    return text + "\n"


def report(results, cores):
    def seconds(of):
        def cell(job, values):
            ours = results.get("replikat")
            ratio = f" ({of(values) / of(ours[job]):.1f}×)" if ours else ""
            return f"{of(values):.2f}{ratio}"

        return cell

    def runs(_, jobs):
        counts = [len(r["seconds"]) for part in jobs.values() for results in part for r in results]
        return f"{min(counts)}" if min(counts) == max(counts) else f"{min(counts)} to {max(counts)}"

    def compilation(peer, jobs):
        if peer not in COMPILING:
            return "–"
        times = [jobs[job][0][0]["compilation"] for job in JOBS]
        return f"{min(times):.0f} to {max(times):.0f}"

    cpu = next(l.split(":")[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name"))
    rust = subprocess.run(["rustc", "--version"], capture_output=True, text=True, check=True).stdout.split()[1]
    python = subprocess.run([PYTHON, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    text = f"{cpu}, {len(cores)} cores, {platform.system()}; {datetime.date.today()}; Rust {rust}, {python}.\n\n"
    text += table(results, "Seconds per run, one core", seconds(one_core))
    text += table(results, f"Seconds per run, all {len(cores)} cores", seconds(all_cores))
    extra = [("runs per process", runs), ("compilation, s", compilation)]
    text += table(results, "Mean test accuracy, %", lambda _, values: f"{accuracy(values):.1f}", extra)
    return text


def main():
    options = arguments()
    cores = sorted(os.sched_getaffinity(0))
    build(options.peers)
    results = {peer: {} for peer in options.peers}
    for job in JOBS:
        for peer in options.peers:
            results[peer][job] = measure(peer, job, cores, options)
    text = report(results, cores)
    print(text)
    if not options.print:
        readme = HERE / "README.md"
        before, rest = readme.read_text().split(MARKERS[0])
        readme.write_text(before + MARKERS[0] + text + MARKERS[1] + rest.split(MARKERS[1])[1])


main()
