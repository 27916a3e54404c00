"""Compares summary.parquet with the CSV of every table, cell by cell: python3 tests/summary_pandas.py SPEC [RESULTS REPORTS].

Needs pandas, pyarrow and PyYAML, and the reports of the spec."""

import sys

import pandas
import yaml

METRICS = {"comparison": "accuracy", "comparison loss": "loss", "digits": "digit_accuracy", "digit loss": "digit_loss"}


def main(spec_path, results="results", reports="reports"):
    with open(spec_path, encoding="utf-8") as file:
        spec = yaml.safe_load(file)
    name = spec["experiment"]
    summary = pandas.read_parquet(f"{results}/{name}/summary.parquet")
    csv = pandas.read_csv(f"{results}/{name}/summary.csv")
    assert list(csv.columns) == list(summary.columns) and len(csv) == len(summary)
    compared, tables = 0, spec.get("tables", {})
    for table, described in tables.items():
        printed = pandas.read_csv(f"{reports}/{name}/{table}.csv", dtype=str, keep_default_na=False)
        rows = {}
        for row in described["rows"]:
            rows[row.get("name")] = (row.get("split", "test"), row.get("where", {}))
        for _, cells in printed[printed["source"] != "paper"].iterrows():
            # A row that stands for several configs names each of them behind its own name.
            split, where = rows.get(cells["row"]) or next(
                value for key, value in rows.items() if not key or cells["row"].startswith(f"{key}, ")
            )
            metric, over = cells["source"].rsplit(" over ", 1)
            chosen = summary[
                (summary["split"] == split) & (summary["metric"] == METRICS[metric]) & (summary["over"] == over)
            ]
            for setting, value in where.items():
                chosen = chosen[chosen[setting] == value]
            scale, digits = (100, 2) if "accuracy" in METRICS[metric] else (1, 4)
            for statistic in ["mean", "max", "median", "std"]:
                texts = [
                    "–" if pandas.isna(v) else f"{v * scale:.{digits}f}" for v in chosen[statistic].tolist()
                ]
                assert cells[statistic] in texts, (table, dict(cells), statistic, texts)
                assert rows.get(cells["row"]) is None or len(chosen) == 1, (table, dict(cells), len(chosen))
                compared += 1
            rounds = {
                str(f) if f == p else f"{f} of {p}" for f, p in zip(chosen["finished"], chosen["planned"])
            }
            assert cells["rounds"] in rounds, (table, dict(cells))
    print(f"{name}: {compared} cells of {len(tables)} tables equal those of {len(summary)} rows of the summary")
    assert compared > 0


main(*sys.argv[1:])
