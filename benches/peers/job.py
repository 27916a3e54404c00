"""What the Python peers share: the arguments, the pairs of digits and the clock."""

import argparse
import gzip
import json
import os
import sys
import time
from pathlib import Path

import numpy as np


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--network", choices=["net1", "net2"], default="net1")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--epochs", type=int, default=25)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--limit", type=float, default=600, help="seconds after which no further run starts")
    parser.add_argument("--seed", type=int, default=0, help="of the first run")
    parser.add_argument("--wait", action="store_true", help="after the warm-up, wait for a line on standard input")
    return parser.parse_args()


def idx(name):
    folder = os.environ.get("REPLIKAT_DATA_DIR") or sys.exit("REPLIKAT_DATA_DIR names no folder of MNIST's files")
    data = gzip.decompress((Path(folder) / name).read_bytes())
    shape = np.frombuffer(data, ">u4", data[3], 4)
    return np.frombuffer(data, np.uint8, offset=4 + 4 * data[3]).reshape(shape)


def pairs(split, count):
    """Returns pixels [count, 2, 14, 14] from 0 to 255, targets [count] and digits [count, 2]."""
    images, labels = idx(f"{split}-images-idx3-ubyte.gz"), idx(f"{split}-labels-idx1-ubyte.gz")
    chosen = np.random.default_rng(0).permutation(len(images))[: 2 * count]
    quarters = images[chosen].astype(np.float32).reshape(count, 2, 14, 2, 14, 2)
    digits = labels[chosen].reshape(count, 2).astype(np.int64)
    return quarters.mean((3, 5)), (digits[:, 0] <= digits[:, 1]).astype(np.int64), digits


def measure(library, run, options):
    """Warms up, times whole runs and prints one line of JSON; `run(seed, epochs)` returns the test accuracy."""

    def timed(seed, epochs):
        start = time.perf_counter()
        accuracy = run(seed, epochs)
        return time.perf_counter() - start, accuracy

    first, second = (timed(0, 1)[0] for _ in range(2))
    if options.wait:
        print("ready", flush=True)
        sys.stdin.readline()
    done = []
    while len(done) < options.runs and (not done or sum(s for s, _ in done) < options.limit):
        done.append(timed(options.seed + len(done), options.epochs))
    seconds, accuracies = zip(*done)
    result = {"library": library, "seconds": seconds, "accuracies": accuracies, "compilation": first - second}
    print(json.dumps(result))
