"""What a linear classifier and a net of two layers reach on the images that DATA names.

    python -m benchmarks.images
    python -m benchmarks.images --full
    DATA=cifar10 DATA_PATH=file python -m benchmarks.images

Each rate is tried from five seeds; the one with the best validation accuracy is kept, and only
its nets are shown the test images. With ``--full`` all images are taken, and not only as many as
the chapters train on.
"""

import argparse
import statistics
import time

import numpy as np

from benchmarks.measure import progress, record
from reference import Solver, TwoLayerNet, affine_backward, affine_forward, softmax_loss
from reference.data import load_cifar10, load_fashion_mnist, load_images
from reference.data.chosen import DEFAULT, chosen

SEEDS = range(5)
DRAWN = 200_000  # images in the minibatches of a run: two thousand steps, in whole epochs


class Linear:
    """The classifier of the chapter "gradient-descent", as a Solver takes it."""

    def __init__(self, input_dim, seed):
        w = 1e-5 * np.random.default_rng(seed).standard_normal((input_dim, 10))
        self.params = {"w": w, "b": np.zeros(10)}

    def loss(self, X, y=None):
        """Scores; with labels the loss and its gradients."""
        scores, cache = affine_forward(X, self.params["w"], self.params["b"])
        if y is None:
            return scores
        loss, dscores = softmax_loss(scores, y)
        _, dw, db = affine_backward(dscores, cache)
        return loss, {"w": dw, "b": db}


NETS = {
    "linear": (Linear, (3e-8, 1e-7, 3e-7, 1e-6, 3e-6, 1e-5)),
    "two layers, H = 100": (TwoLayerNet, (1e-4, 3e-4, 1e-3, 3e-3)),
}


def images(full):
    """The images, and what they are called."""
    name, path = chosen()
    if not full:
        return load_images(), name
    return load_fashion_mnist(full=True) if name == DEFAULT else load_cifar10(path), f"{name}-full"


def nearest_mean(data):
    """How often the nearest class mean is right on the test images: what the nets must beat."""
    X, y = data["X_train"].reshape(len(data["y_train"]), -1), data["y_train"]
    means = np.stack([X[y == c].mean(axis=0) for c in np.unique(y)])
    scores = data["X_test"].reshape(-1, X.shape[1]) @ means.T - (means**2).sum(axis=1) / 2
    return float(np.mean(scores.argmax(axis=1) == data["y_test"]))


def trained(data, net, rate, seed):
    """One run: the Solver, whose net has the parameters that were best on validation."""
    epochs = max(1, round(DRAWN / len(data["y_train"])))
    model = net(input_dim=data["mean_image"].size, seed=seed)
    settings = {"optim_config": {"learning_rate": rate}, "num_epochs": epochs, "verbose": False}
    solver = Solver(model, data, seed=seed, **settings)
    with np.errstate(over="ignore", invalid="ignore"):  # a rate that is too high may overflow
        solver.train()
    return solver


def row(data, name, net, rates):
    """A line of the table: the rate that validation chose, and what its nets reach on the test."""
    runs, begun = {}, time.process_time()
    for rate in rates:
        for seed in SEEDS:
            progress(f"{name}, rate {rate:g}, seed {seed}")
            runs.setdefault(rate, []).append(trained(data, net, rate, seed))
    progress("")
    spent = (time.process_time() - begun) / len(rates) / len(SEEDS)
    best = max(rates, key=lambda rate: statistics.mean(s.best_val_acc for s in runs[rate]))
    reached = [s.check_accuracy(data["X_test"], data["y_test"]) for s in runs[best]]
    return {
        "classifier": name,
        "best rate": f"{best:g}",
        "validation": spread([s.best_val_acc for s in runs[best]]),
        "test": spread(reached),
        "processor seconds": round(spent, 1),
    }


def spread(accuracies):
    """Accuracies over seeds in words."""
    return f"{min(accuracies):.3f} to {max(accuracies):.3f}"


def main(argv=None):
    """Measure on the images that DATA names, and write the table under their name."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.images", description=__doc__)
    parser.add_argument("--full", action="store_true", help="all images, not those of the chapters")
    full = parser.parse_args(argv).full
    data, name = images(full)
    n = {split: len(data[f"y_{split}"]) for split in ("train", "val", "test")}
    rows = [{"classifier": "nearest mean", "test": f"{nearest_mean(data):.3f}"}]
    rows += [row(data, title, net, rates) for title, (net, rates) in NETS.items()]
    _, path = chosen()
    setting = "" if name.startswith(DEFAULT) else f"DATA={name.removesuffix('-full')} "
    setting += f"DATA_PATH={path.name} " if path else ""
    sizes = (
        f"{n['train']:,} images for training, {n['val']:,} for validation, {n['test']:,} to test"
    )
    record(
        name,
        [{"part": sizes, **line} for line in rows],
        command=f"{setting}python -m benchmarks.images{' --full' if full else ''}",
    )


if __name__ == "__main__":
    main()
