"""Draws the scale case of a record: `python plot.py FOLDER` turns raw.csv into scale.png."""

import csv
import sys
from pathlib import Path
from statistics import median

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt


def main() -> None:
    """Time and memory over documents, both axes logarithmic, beside lines of slope 1."""
    folder = Path(sys.argv[1])
    with (folder / "raw.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["case"] == "scale"]
    figure, panels = plt.subplots(1, 2, figsize=(11, 4.5), layout="constrained")
    shown = (
        ("wall_s", "seconds, whole process"),
        ("peak_mb", "peak memory of the process tree, MB"),
    )
    for panel, (measure, label) in zip(panels, shown, strict=True):
        points: dict[int, list[float]] = {}
        for row in rows:
            if row["measure"] == measure:
                points.setdefault(int(row["corpus"]), []).append(float(row["value"]))
        sizes = sorted(points)
        middle = [median(points[size]) for size in sizes]
        panel.loglog(
            sizes,
            [middle[0] * size / sizes[0] for size in sizes],
            "--",
            color="0.6",
            label="linear from the smallest",
        )
        panel.loglog(sizes, middle, "o-", color="C0", label="glmdata dedup, median")
        for size in sizes:
            panel.loglog([size] * len(points[size]), points[size], ".", color="C0", alpha=0.4)
        panel.set_xlabel("documents")
        panel.set_ylabel(label)
        panel.grid(which="both", alpha=0.2)
        panel.legend()
    figure.savefig(folder / "scale.png", dpi=110)


if __name__ == "__main__":
    main()
