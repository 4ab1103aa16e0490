"""What the course's notebook cells say of the same mutants, rebuilt from what is known of them.

Nothing of the course is in here. Its cells are described in words (which function, which
sizes, evenly spaced or random numbers, what is compared with what, which size of error the
comment below calls right), and these are programs for that description:

- a forward pass, a rule and the two-layer net are compared with numbers that were typed in,
  to eight decimals, at evenly spaced inputs; ours come from the book's own code, rounded so;
- a backward pass and a loss are compared with numeric slopes of the reader's own forward pass;
- a rule takes one step, with its memory given and all but the learning rate left to defaults;
- the net of any depth is compared with the slopes of its own loss, at two regularisers, and
  then overfits fifty examples;
- an error is printed. It counts as seen here where it is ten times larger than the size that
  the comment names, or no number, or where the cell ends in an exception.

That is generous: it takes every printed number to be read and understood. For what the course
hands out ready-made (its numeric gradient, its sgd, its Solver) it has no cell, so nothing is
rebuilt.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

import reference

Code = Mapping[str, Any]  # every name of the contract, one of them a mutant
Errors = dict[str, tuple[float, float]]  # what is printed: the error, and what the comment says

AROUND = 10  # how much larger than the comment an error may be and still be read as right
DECIMALS = 8


def rel_error(x: Any, y: Any) -> float:
    """As the course has it: entry by entry, and arrays of other shapes are stretched."""
    with np.errstate(all="ignore"):
        return float(np.max(np.abs(x - y) / np.maximum(1e-8, np.abs(x) + np.abs(y))))


def slopes(f: Callable[[Any], Any], x: Any, dout: Any = None, h: float = 1e-5) -> Any:
    """Central differences, entry by entry, x moved in place and put back."""
    found = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        before = x[index]
        x[index] = before + h
        up = np.copy(f(x))
        x[index] = before - h
        down = np.copy(f(x))
        x[index] = before
        found[index] = np.sum((up - down) * (1.0 if dout is None else dout)) / (2 * h)
    return found


def spaced(low: float, high: float, *shape: int) -> Any:
    """Evenly spaced numbers in this shape."""
    return np.linspace(low, high, int(np.prod(shape))).reshape(shape)


def typed(value: Any) -> Any:
    """A result of the book's own code as somebody types it in."""
    return np.round(value, DECIMALS)


SEED = 3  # one of those at which right code is within the sizes that the comments name


def affine_forward_cell(code: Code) -> Errors:
    """Two examples of 4 x 5 x 6 numbers, three outputs."""
    x, w, b = spaced(-0.1, 0.5, 2, 4, 5, 6), spaced(-0.2, 0.3, 120, 3), spaced(-0.3, 0.1, 3)
    right = typed(reference.affine_forward(x, w, b)[0])
    out, _ = code["affine_forward"](x, w, b)
    return {"out": (rel_error(out, right), 1e-9)}


def affine_backward_cell(code: Code) -> Errors:
    """Ten examples of 2 x 3 numbers, five outputs, against slopes of the own forward pass."""
    rng = np.random.default_rng(SEED)
    x, w, b = rng.standard_normal((10, 2, 3)), rng.standard_normal((6, 5)), rng.standard_normal(5)
    return _layer(code, "affine", (x, w, b), rng.standard_normal((10, 5)), 1e-10)


def affine_relu_cell(code: Code) -> Errors:
    """Two examples of 3 x 4 numbers, ten outputs; both passes are only ever seen together."""
    rng = np.random.default_rng(SEED)
    x, w, b = rng.standard_normal((2, 3, 4)), rng.standard_normal((12, 10)), rng.standard_normal(10)
    return _layer(code, "affine_relu", (x, w, b), rng.standard_normal((2, 10)), 1e-10)


def _layer(code: Code, name: str, inputs: tuple[Any, ...], dout: Any, size: float) -> Errors:
    forward, backward = code[f"{name}_forward"], code[f"{name}_backward"]
    measured = []
    for i, each in enumerate(inputs):

        def moved(value: Any, i: int = i) -> Any:
            return forward(*inputs[:i], value, *inputs[i + 1 :])[0]

        measured.append(slopes(moved, each, dout))
    _, cache = forward(*inputs)
    gradients = backward(dout, cache)
    gradients = gradients if isinstance(gradients, tuple) else (gradients,)
    pairs = zip(("dx", "dw", "db"), measured, gradients, strict=False)
    return {key: (rel_error(right, mine), size) for key, right, mine in pairs}


def relu_forward_cell(code: Code) -> Errors:
    """Twelve numbers from -0.5 to 0.5."""
    x = spaced(-0.5, 0.5, 3, 4)
    out, _ = code["relu_forward"](x)
    return {"out": (rel_error(out, typed(np.maximum(x, 0))), 5e-8)}


def relu_backward_cell(code: Code) -> Errors:
    """A hundred numbers, against slopes of the own forward pass."""
    rng = np.random.default_rng(SEED)
    x, dout = rng.standard_normal((10, 10)), rng.standard_normal((10, 10))
    return _layer(code, "relu", (x,), dout, 3e-12)


def loss_cell(name: str) -> Callable[[Code], Errors]:
    """Fifty examples and ten classes with scores near zero: loss near a known number, dx."""

    def cell(code: Code) -> Errors:
        rng = np.random.default_rng(SEED)
        x, y = 0.001 * rng.standard_normal((50, 10)), rng.integers(10, size=50)
        measured = slopes(lambda moved: code[name](moved, y)[0], x)
        loss, dx = code[name](x, y)
        near = {"softmax_loss": 2.3, "svm_loss": 9.0}[name]
        return {"loss": (abs(float(loss) - near), 0.01), "dx": (rel_error(measured, dx), 1e-8)}

    return cell


def rule_cell(name: str) -> Callable[[Code], Errors]:
    """One step for a parameter of 4 x 5 numbers, its memory given, the rest at its defaults."""
    memories: dict[str, dict[str, Any]] = {
        "sgd_momentum": {"learning_rate": 1e-3, "velocity": spaced(0.6, 0.9, 4, 5)},
        "rmsprop": {"learning_rate": 1e-2, "cache": spaced(0.6, 0.9, 4, 5)},
        "adam": {
            "learning_rate": 1e-2,
            "m": spaced(0.6, 0.9, 4, 5),
            "v": spaced(0.7, 0.5, 4, 5),
            "t": 5,
        },
    }
    size = {"sgd_momentum": 1e-8, "rmsprop": 1e-7, "adam": 1e-7}[name]

    def cell(code: Code) -> Errors:
        w, dw = spaced(-0.4, 0.6, 4, 5), spaced(-0.6, 0.4, 4, 5)
        given = memories[name]
        right, held = getattr(reference, name)(w, dw, dict(given))
        config = {key: np.copy(a) if np.ndim(a) else a for key, a in given.items()}
        next_w, _ = code[name](w.copy(), dw.copy(), config)
        after = code[name](w.copy(), dw.copy(), dict(given))[1]
        found = {"next_w": (rel_error(next_w, typed(right)), size)}
        for key in given:
            if np.ndim(given[key]):
                found[key] = (rel_error(after[key], typed(held[key])), size)
        return found

    return cell


def two_layer_net_cell(code: Code) -> Errors:
    """Weights at the start, then evenly spaced ones: no hidden unit is ever negative."""
    n, d, h, c = 3, 5, 50, 7
    net = code["TwoLayerNet"](
        input_dim=d, hidden_dim=h, num_classes=c, weight_scale=1e-3, seed=SEED
    )
    found = {
        "W1 at the start": (abs(net.params["W1"].std() - 1e-3), 1e-5),
        "W2 at the start": (abs(net.params["W2"].std() - 1e-3), 1e-5),
        "b1 at the start": (float(np.abs(net.params["b1"]).max()), 0.0),
        "b2 at the start": (float(np.abs(net.params["b2"]).max()), 0.0),
    }
    params = {
        "W1": spaced(-0.7, 0.3, d, h),
        "b1": spaced(-0.1, 0.9, h),
        "W2": spaced(-0.3, 0.4, h, c),
        "b2": spaced(-0.9, 0.1, c),
    }
    X, y = spaced(-5.5, 4.5, d, n).T, np.array([0, 5, 1])
    right = reference.TwoLayerNet(d, h, c)
    for one in (net, right):
        one.params.update({key: value.copy() for key, value in params.items()})
    off = float(np.abs(net.loss(X) - typed(right.loss(X))).sum())
    found["scores"] = (off, 1e-7)  # here the cell does assert, at ten times that
    for reg in (0.0, 1.0):
        net.reg = right.reg = reg
        off = abs(float(net.loss(X, y)[0]) - float(np.round(right.loss(X, y)[0], 12)))
        found[f"loss at reg {reg}"] = (off, 1e-11)
    return found | _own_slopes(net, X, y, (0.0, 0.7), 1e-7)


def _own_slopes(net: Any, X: Any, y: Any, regs: tuple[float, ...], size: float) -> Errors:
    """The gradients beside the slopes of the net's own loss."""
    found: Errors = {}
    for reg in regs:
        net.reg = reg
        _, grads = net.loss(X, y)
        for key in sorted(grads):
            measured = slopes(lambda _: net.loss(X, y)[0], net.params[key])
            found[f"{key} at reg {reg}"] = (rel_error(measured, grads[key]), size)
    return found


def fully_connected_net_cell(code: Code) -> Errors:
    """The net beside itself, then fifty examples that a net of three layers learns by heart."""
    rng = np.random.default_rng(SEED)
    X, y = rng.standard_normal((2, 15)), rng.integers(10, size=2)
    found: Errors = {}
    for reg in (0.0, 3.14):
        net = code["FullyConnectedNet"](
            [20, 30], input_dim=15, reg=reg, weight_scale=5e-2, dtype=np.float64, seed=SEED
        )
        found |= _own_slopes(net, X, y, (reg,), 1e-7 if reg else 1e-5)
    X, y = rng.standard_normal((50, 40)), rng.integers(10, size=50)
    net = code["FullyConnectedNet"](
        [100, 100], input_dim=40, weight_scale=0.15, dtype=np.float64, seed=SEED
    )
    for _ in range(20 * 2):
        rows = rng.integers(50, size=25)
        _, grads = net.loss(X[rows], y[rows])
        for key, w in net.params.items():
            w -= 0.3 * grads[key]
    found["training accuracy"] = (1 - float((net.loss(X).argmax(axis=1) == y).mean()), 0.0)
    return found


CELLS: dict[str, tuple[Callable[[Code], Errors], ...]] = {
    "affine_forward": (affine_forward_cell, affine_backward_cell),
    "affine_backward": (affine_backward_cell,),
    "relu_forward": (relu_forward_cell, relu_backward_cell),
    "relu_backward": (relu_backward_cell,),
    "affine_relu_forward": (affine_relu_cell,),
    "affine_relu_backward": (affine_relu_cell,),
    "softmax_loss": (loss_cell("softmax_loss"),),
    "svm_loss": (loss_cell("svm_loss"),),
    "sgd_momentum": (rule_cell("sgd_momentum"),),
    "rmsprop": (rule_cell("rmsprop"),),
    "adam": (rule_cell("adam"),),
    "TwoLayerNet": (two_layer_net_cell,),
    "FullyConnectedNet": (fully_connected_net_cell,),
}


def seen_by(function: str, code: Any) -> str:
    """What shows a reader of the cells that code is wrong; "" where nothing does."""
    np.random.seed(SEED)  # noqa: NPY002 - as the course's cells do
    right = {name: getattr(reference, name) for name in reference.__all__}
    for cell in CELLS[function]:
        try:
            errors = cell({**right, function: code})
        except Exception as error:
            return type(error).__name__
        for what, (error, size) in errors.items():
            if not error <= AROUND * size:
                return what
    return ""
