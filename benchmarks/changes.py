"""Our step with one thing done otherwise: what is each of our lines worth, and what did we leave?

A change replaces a name in ``reference`` for good, so each has a process of its own.
"""

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

from benchmarks.peers import Array, Batch, Peer, Step, Task, reference
from reference import optim, sandwich, two_layer_net


def with_dx() -> None:
    """The gradient of the images is computed too, and thrown away."""
    ours = sandwich.affine_relu_backward
    two_layer_net.affine_relu_backward = lambda dout, cache, need_dx: ours(dout, cache)


def sum_of_squares() -> None:
    """The squares of all weights are written down before they are added up."""
    _replace_vdot(lambda a, b: (a * b).sum())


def difference() -> None:
    """The step as it is derived, with one more array as large as the weights."""
    optim.sgd = lambda w, dw, config: (w - config["learning_rate"] * dw, config)


def step_in_place() -> None:
    """The step changes the weights that it was given."""

    def sgd(w: Array, dw: Array, config: Any) -> tuple[Array, Any]:
        w -= config["learning_rate"] * dw
        return w, config

    optim.sgd = sgd


def bias_in_place() -> None:
    """The bias is added to the product where it stands."""

    def affine_forward(x: Array, w: Array, b: Array) -> tuple[Array, Any]:
        out = x.reshape(len(x), -1) @ w
        out += b
        return out, (x, w, b)

    sandwich.affine_forward = two_layer_net.affine_forward = affine_forward


def kept_arrays() -> None:
    """Products and steps are written into arrays that were made for them once."""
    kept: dict[tuple[str, tuple[int, ...]], Array] = {}

    def room(what: str, shape: tuple[int, ...], like: Array) -> Array:
        if (what, shape) not in kept:
            kept[what, shape] = np.empty(shape, like.dtype)
        return kept[what, shape]

    def affine_forward(x: Array, w: Array, b: Array) -> tuple[Array, Any]:
        X = x.reshape(len(x), -1)
        out = np.matmul(X, w, out=room("out", (len(X), w.shape[1]), w))
        out += b
        return out, (x, w, b)

    def affine_backward(dout: Array, cache: Any, need_dx: bool = True) -> tuple[Any, Array, Array]:
        x, w, _ = cache
        X = x.reshape(len(x), -1)
        dx = np.matmul(dout, w.T, out=room("dx", x.shape, w)) if need_dx else None
        return dx, np.matmul(X.T, dout, out=room("dw", w.shape, w)), dout.sum(axis=0)

    def sgd(w: Array, dw: Array, config: Any) -> tuple[Array, Any]:
        w -= np.multiply(dw, config["learning_rate"], out=room("step", w.shape, w))
        return w, config

    sandwich.affine_forward = two_layer_net.affine_forward = affine_forward
    sandwich.affine_backward = two_layer_net.affine_backward = affine_backward
    optim.sgd = sgd


def columns_first() -> None:
    """Weights and their gradients in Fortran's order, each column in one piece."""
    start = Task.params

    def affine_backward(dout: Array, cache: Any, need_dx: bool = True) -> tuple[Any, Array, Array]:
        x, w, _ = cache
        dx = (dout @ w.T).reshape(x.shape) if need_dx else None
        return dx, (dout.T @ x.reshape(len(x), -1)).T, dout.sum(axis=0)

    sandwich.affine_backward = two_layer_net.affine_backward = affine_backward
    Task.params = lambda task: {n: np.asfortranarray(w) for n, w in start(task).items()}
    _replace_vdot(lambda a, b: np.vdot(a.T, b.T))


def _replace_vdot(vdot: Callable[[Array, Array], Any]) -> None:
    two_layer_net.np = SimpleNamespace(**{**vars(np), "vdot": vdot})


def _changed(change: Callable[[], None]) -> Peer:
    def make(task: Task, batches: Sequence[Batch]) -> Step:
        change()
        return reference(task, batches)

    return Peer(make)


CHANGES = {
    "dx of the images too": _changed(with_dx),
    "(W * W).sum() for np.vdot(W, W)": _changed(sum_of_squares),
    "w - lr * dw for -lr * dw + w": _changed(difference),
    "w -= lr * dw": _changed(step_in_place),
    "out += b": _changed(bias_in_place),
    "an array kept for each result": _changed(kept_arrays),
    "weights in columns": _changed(columns_first),
}
