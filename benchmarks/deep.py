"""What the chapters on deep nets find on the images that DATA names, and which claims hold there.

    python -m benchmarks.deep
    DATA=cifar10 DATA_PATH=file python -m benchmarks.deep

The cells of each chapter are run as they stand, in its order, and what they leave in their
variables is read: no experiment is written down twice. What they assert is counted, as
``book._ext.not_asserted`` tells it, and not enforced.
"""

import ast
import time
from typing import Any

import matplotlib
from matplotlib import pyplot

from benchmarks.images import spread
from benchmarks.measure import progress, record
from book._ext import not_asserted
from book._ext.chapters import BOOK, read
from reference.data import load_images
from reference.data.chosen import DEFAULT, chosen

Row = dict[str, object]

CHAPTERS = ("what-sgd-gets-wrong", "overfitting", "optimizer-race", "curing-overfitting")
CURES = ("untreated", "mirrored", "shifts", "all images", "L2", "small start", "together")


def run(stem: str) -> tuple[dict[str, Any], list[bool]]:
    """Run the cells of a chapter: what its names stand for then, and which claims held."""
    names: dict[str, Any] = {**vars(not_asserted), "__name__": stem}
    held: list[bool] = []
    cells = read(BOOK / f"{stem}.md").code
    for number, cell in enumerate(cells):
        progress(f"{stem}: cell {number + 1} of {len(cells)}")
        tree = not_asserted._Tell().visit(ast.parse(cell.source))
        exec(compile(tree, f"{stem}, cell {number + 1}", "exec"), names)
        pyplot.close("all")
        told = list(not_asserted._told.values())
        not_asserted._told.clear()
        held += [all(one for one, _ in found) for found in told]
    progress("")
    return names, held


def by_heart(names: dict[str, Any]) -> list[Row]:
    """Fifty images: the nets that know them all, and the nearest neighbour."""
    part = "fifty images, learned by heart"
    rows: list[Row] = [
        {
            "part": part,
            "who": name,
            "training": spread(names["last"](runs, "train")),
            "validation": spread(names["last"](runs)),
        }
        for name, runs in names["by_heart"].items()
    ]
    neighbour = {"who": "nearest neighbour", "training": spread([1.0])}
    return [*rows, {"part": part, **neighbour, "validation": spread(names["neighbour"][1])}]


def raced(names: dict[str, Any]) -> list[Row]:
    """Six layers: the loss at the end by rule, at the course's rate and at the best of four."""
    rows: list[Row] = []
    for rule, rate in names["COURSE"].items():
        best = names["lowest"](rule)
        row: Row = {"part": "six layers, loss of the last twenty steps", "rule": rule}
        row |= {"the course's rate": f"{rate:g}", "loss": spread(names["final"](rule, rate))}
        row |= {"best of four": f"{best:g}", "loss there": spread(names["final"](rule, best))}
        rows.append(row)
    return rows


def cured(names: dict[str, Any]) -> list[Row]:
    """Five layers and 500 images: accuracies without a remedy and with each."""
    last, rows = names["last"], []
    for name in CURES:
        runs = names["ward"][name]
        row: Row = {"part": "five layers and 500 images, treated", "remedy": name}
        row |= {"training": spread(last(runs, "train")), "validation": spread(last(runs))}
        if name in names["test"]:
            row["test"] = spread(names["test"][name])
        rows.append(row)
    return rows


READ = {"overfitting": by_heart, "optimizer-race": raced, "curing-overfitting": cured}


def main() -> None:
    """Run the chapters, and write what they found under the name of the images."""
    matplotlib.use("Agg")
    name, path = chosen()
    data = load_images()
    train, val = (f"{len(data[f'y_{split}']):,}" for split in ("train", "val"))
    part = f"what the chapters claim, on {train} images for training and {val} for validation"
    claims: list[Row] = []
    found: list[Row] = []
    for stem in CHAPTERS:
        begun = time.process_time()
        names, held = run(stem)
        row: Row = {"part": part, "chapter": stem, "claims": len(held), "hold": sum(held)}
        claims.append({**row, "processor seconds": round(time.process_time() - begun)})
        found += READ[stem](names) if stem in READ else []
    setting = "" if name == DEFAULT else f"DATA={name} "
    setting += f"DATA_PATH={path.name} " if path else ""
    record(f"{name}-deep", claims + found, command=f"{setting}python -m benchmarks.deep")


if __name__ == "__main__":
    main()
