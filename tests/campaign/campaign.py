#!/usr/bin/env python3
"""What befalls a store, in numbers: power cuts, errors of the system, processes that race with a collection.

    cargo build
    python3 tests/campaign/campaign.py kills 1000
    sudo python3 tests/campaign/campaign.py power 130
    python3 tests/campaign/campaign.py errors 300
    python3 tests/campaign/campaign.py races 50
    python3 tests/campaign/campaign.py shared 200 /mnt/a /mnt/b

(`REPLIKAT_PROGRAM` names another program than that of the development build. A third number changes what is random.)

`power` needs root, a loop device and ext4: the file system is shut down at a random moment without its journal being
written, then mounted again. `errors` needs strace, which makes one call of the system fail. `shared` needs one empty
folder that is mounted twice, as two machines mount it: over NFS without shared caches (`-o nosharecache,noac`), or with
`sshfs localhost:/srv/x /mnt/a; sshfs localhost:/srv/x /mnt/b`, where locks of one mount do not exclude those of the
other; processes of both train one grid and are killed at random. After each fault the same
command is run again. Asserted each time: the exit code is one of the documented ones, no record is torn, what was
reported as stored is there, and outcomes, reports and frames are byte for byte those of an undisturbed run.
"""

import fcntl
import hashlib
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import time

BUILT = pathlib.Path(__file__).resolve().parents[2] / "target" / "debug" / "replikat"
PROGRAM = os.environ.get("REPLIKAT_PROGRAM", BUILT)
SPEC = """
experiment: tiny
data: {source: glyphs, pairs: {train: 20, test: 10}, scale: unit}
train: {epochs: 2, batch: 10}
architectures: {net: {pair: [flatten, {linear: 2}]}}
grid: {architecture: [net], seed: {count: RUNS}, lr: [0.1]}
tables: {t: {rows: [{split: test}]}}
figures: {d: {dots: {metric: accuracy, split: test}}}
"""
# As docs/commands.md has them: done, judged bad, error, stopped by a signal.
DOCUMENTED = {0, 1, 2, 130}


def run(folder, *arguments, before=(), **keywords):
    command = [*before, str(PROGRAM), *arguments]
    environment = {"HOME": str(folder), "PATH": os.environ["PATH"]}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, **keywords)


def results(folder):
    """Returns digests of what must be the same whatever happened: outcomes, reports and frames."""
    found = {}
    for path in sorted((folder / "results/store/v1").rglob("*.json")):
        found[path.name] = json.dumps(json.loads(path.read_text())["body"]["outcome"])
    for part in ("results/tiny", "reports/tiny"):
        for path in sorted((folder / part).rglob("*")):
            if path.is_file():
                found[str(path.relative_to(folder))] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def place(folder, runs):
    (folder / "tiny.yaml").write_text(SPEC.replace("RUNS", str(runs)))
    return folder


def undisturbed(runs):
    with tempfile.TemporaryDirectory() as name:
        folder = place(pathlib.Path(name), runs)
        began = time.monotonic()
        assert run(folder, "run", "tiny.yaml").returncode == 0
        return results(folder), time.monotonic() - began


def reported(said):
    """Returns the keys that a run with `-v` says are stored."""
    return set(re.findall(r"finished: .*; key ([0-9a-f]{12})", said))


def assert_whole(folder, keys, what):
    """Every record is good, and each of the reported ones is there."""
    checked = run(folder, "store", "fsck")
    assert checked.returncode == 0 or not (folder / "results/store").exists(), (what, checked.stdout, checked.stderr)
    deadline = time.monotonic() + 60
    while True:
        stored = {path.name[:12] for path in (folder / "results/store/v1").rglob("*.json") if path.name[0] != "."}
        # What another machine wrote may be seen a little later.
        if keys <= stored or time.monotonic() > deadline:
            break
        time.sleep(0.5)
    assert keys <= stored, (what, "lost", keys - stored)


def assert_recovers(folder, expected, what):
    again = run(folder, "run", "tiny.yaml")
    assert again.returncode == 0, (what, again.stderr)
    found = results(folder)
    assert found == expected, (what, {k for k in found.keys() | expected.keys() if found.get(k) != expected.get(k)})
    left = [p.name for part in ("results", "reports") for p in (folder / part).rglob("*.tmp")]
    if left:
        run(folder, "store", "gc", "--yes", "--experiments", ".")
        left = [p.name for part in ("results", "reports") for p in (folder / part).rglob("*.tmp")]
    assert not left, (what, left)


def kills(count):
    runs = 60
    expected, whole = undisturbed(runs)
    done = killed = grids = 0
    folder = None
    while killed < count or folder:
        if folder is None:
            holder = tempfile.TemporaryDirectory()
            folder, done, keys = place(pathlib.Path(holder.name), runs), 0, set()
        with (folder / "said").open("w+") as out:
            command = [PROGRAM, "run", "tiny.yaml", "-v"]
            child = subprocess.Popen(command, cwd=folder, stdout=out, stderr=out, env={"HOME": str(folder)})
            time.sleep(random.random() * whole)
            child.kill()
            killed += child.wait() < 0
            out.seek(0)
            keys |= reported(out.read())
        assert_whole(folder, keys, f"kill {killed}")
        stored = sum(1 for path in (folder / "results/store/v1").rglob("*.json") if path.name[0] != ".")
        assert stored >= done, (killed, done, stored)
        done = stored
        if done == runs:
            assert_recovers(folder, expected, f"kill {killed}")
            holder.cleanup()
            folder, grids = None, grids + 1
    print(f"kills: {killed} processes killed on the way to {grids} whole grids of {runs} runs; all well")


def power(count):
    runs = 12
    expected, whole = undisturbed(runs)
    shutdown, without_journal = 0x8004587D, (2).to_bytes(4, "little")
    lost = 0
    with tempfile.TemporaryDirectory() as name:
        image, disk = pathlib.Path(name) / "image", pathlib.Path(name) / "disk"
        disk.mkdir()
        for cut in range(count):
            with image.open("wb") as file:
                file.truncate(48 << 20)
            subprocess.run(["mkfs.ext4", "-q", "-F", image], check=True)
            subprocess.run(["mount", "-o", "loop", image, disk], check=True)
            try:
                place(disk, runs)
                os.sync()
                said = pathlib.Path(name) / "said"
                with said.open("w") as out:
                    child = subprocess.Popen(
                        [PROGRAM, "run", "tiny.yaml", "-v"], cwd=disk, stdout=out, stderr=out, env={"HOME": name}
                    )
                    time.sleep(random.random() * whole * 1.2)
                    handle = os.open(disk, os.O_RDONLY)
                    # What is reported before the power goes must be there after it.
                    keys = reported(said.read_text())
                    fcntl.ioctl(handle, shutdown, without_journal)
                    os.close(handle)
                    code = child.wait(timeout=120)
                assert code in DOCUMENTED, (cut, code, said.read_text())
                subprocess.run(["umount", disk], check=True)
                subprocess.run(["mount", "-o", "loop", image, disk], check=True)
                assert_whole(disk, keys, f"cut {cut}")
                lost += runs - len(keys)
                assert_recovers(disk, expected, f"cut {cut}")
            finally:
                subprocess.run(["umount", disk], check=True)
    print(f"power: {count} cuts, {count * runs - lost} records were reported before one and are there after it; all well")


CALLS = {
    "openat": "EIO EMFILE EACCES",
    "write": "EIO ENOSPC EDQUOT",
    "fsync": "EIO ENOSPC",
    "renameat": "EIO ENOSPC",
    "renameat2": "EIO EINVAL",
    "unlink": "EIO EACCES",
    "mkdir": "EIO ENOSPC",
    "flock": "ENOLCK EIO",
    "read": "EIO",
    "statx": "EIO",
    "getdents64": "EIO",
}
# Calls of the loader.
LOADER = {"openat": 12, "read": 12, "statx": 4}
# Calls of which a run makes few.
FEW = {call: 20 for call in ("renameat", "unlink", "mkdir", "flock", "getdents64", "fsync")}
FEW |= {"renameat2": 3}


def errors(count):
    runs = 3
    expected, _ = undisturbed(runs)
    kinds = [(call, error) for call, errors in CALLS.items() for error in errors.split()]
    codes, hit, number = {}, 0, 0
    while hit < count:
        number += 1
        call, error = kinds[number % len(kinds)]
        with tempfile.TemporaryDirectory() as name:
            folder = place(pathlib.Path(name), runs)
            trace = folder / "trace"
            # The first calls are those of the system's loader, before the program begins.
            inject = f"inject={call}:error={error}:when={LOADER.get(call, 0) + random.randint(1, FEW.get(call, 60))}"
            strace = ["strace", "-f", "-o", str(trace), "-e", f"trace={call}", "-e", inject]
            ended = run(folder, "run", "tiny.yaml", "-v", "--jobs", "1", before=strace, timeout=120)
            was_hit = "INJECTED" in trace.read_text(errors="replace")
            hit += was_hit
            what = f"{number}: {inject}"
            assert ended.returncode in DOCUMENTED, (what, ended.returncode, ended.stderr)
            assert was_hit or ended.returncode == 0, (what, ended.stderr)
            if was_hit:
                codes[ended.returncode] = codes.get(ended.returncode, 0) + 1
            assert_whole(folder, reported(ended.stderr), what)
            assert_recovers(folder, expected, what)
    print(f"errors: {number} runs, in {hit} of them a call failed; exit codes {codes}; all well")


def races(count):
    runs = 30
    expected, _ = undisturbed(runs)
    collections = 0
    for number in range(count):
        with tempfile.TemporaryDirectory() as name:
            folder = place(pathlib.Path(name), runs)
            for made in ("specs", "results"):
                (folder / made).mkdir()
            (folder / "specs/other.yaml").write_text((folder / "tiny.yaml").read_text().replace("[0.1]", "[0.7]"))
            start = lambda: subprocess.Popen(
                [PROGRAM, "run", "tiny.yaml"], cwd=folder, env={"HOME": name}, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, text=True,
            )
            racing = [start() for _ in range(4)]
            while any(child.poll() is None for child in racing):
                collected = run(folder, "store", "gc", "--yes", "--experiments", "specs")
                assert collected.returncode == 0, (number, collected.stdout, collected.stderr)
                collections += 1
            said = [child.communicate()[0] for child in racing]
            assert all(child.returncode == 0 for child in racing), (number, said)
            trained = sum(int(n) for text in said for n in re.findall(r"cached, (\d+) trained", text))
            assert trained == runs, (number, trained, said)
            assert results(folder) == expected, number
    print(f"races: {count} rounds of 4 processes beside {collections} collections; each run was trained once; all well")


def shared(runs, *mounts):
    mounts = [pathlib.Path(mount) for mount in mounts]
    expected, whole = undisturbed(runs)
    place(mounts[0], runs)
    while not (mounts[1] / "tiny.yaml").exists():
        time.sleep(0.1)
    began, kills, reports = 0, 0, set()
    with tempfile.TemporaryDirectory() as name:
        while sum(1 for _ in mounts[0].glob("results/store/v1/*/[0-9a-f]*.json")) < runs:
            racing = []
            for number, mount in enumerate(2 * mounts):
                out = open(pathlib.Path(name) / f"{began}-{number}", "w+")
                command = [PROGRAM, "run", "tiny.yaml", "-v", "--jobs", "1"]
                racing.append((subprocess.Popen(command, cwd=mount, env={"HOME": name}, stdout=out, stderr=out), out))
            began += len(racing)
            for child, out in random.sample(racing, len(racing)):
                time.sleep(random.random() * whole)
                child.kill()
                kills += child.wait(timeout=600) < 0
                out.seek(0)
                reports |= reported(out.read())
            if began % (10 * len(racing)) == 0:
                assert_whole(mounts[0], reports, f"after {began} processes")
    for mount in mounts:
        assert_whole(mount, reports, "at the end")
        again = run(mount, "run", "tiny.yaml")
        assert again.returncode == 0, again.stderr
        assert results(mount) == expected, mount
    print(f"shared: {runs} records by {began} processes of {len(mounts)} mounts, {kills} of them killed; all well")


if __name__ == "__main__":
    kind, number, *more = sys.argv[1:]
    random.seed(1 if not more or kind == "shared" else int(more[0]))
    kinds = {"kills": kills, "power": power, "errors": errors, "races": races, "shared": shared}
    kinds[kind](int(number), *(more if kind == "shared" else []))
