"""Inputs on which a mutant that is called equivalent has to give what the book's own code gives."""

from __future__ import annotations

import contextlib
import copy
import io
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import reference

Ask = Callable[[Any], object]  # an implementation in, what it gives out

SEEDS = range(20)


def first_difference(function: str, code: Any) -> int | None:
    """The number of the first input on which code differs from the book's, to the last bit."""
    right = getattr(reference, function)
    for number, ask in enumerate(bank(function)):
        if not _same(_given(ask, right), _given(ask, code)):
            return number
    return None


def bank(function: str) -> Iterator[Ask]:
    """Calls of every kind: shapes, single precision, zeros, large numbers, empty configs."""
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        for args in BANKS[function](rng):
            yield _call(args) if not callable(args) else args


def _call(args: tuple[Any, ...]) -> Ask:
    def ask(code: Any) -> object:
        given = copy.deepcopy(args)
        return code(*given), given  # and what has become of the arguments

    return ask


def _layer(rng: np.random.Generator) -> tuple[Any, Any, Any, Any]:
    n, m = rng.integers(1, 7, size=2)
    example = tuple(rng.integers(1, 4, size=rng.integers(1, 4)))
    x, w = rng.standard_normal((n, *example)), rng.standard_normal((int(np.prod(example)), m))
    return x, w, rng.standard_normal(m), rng.standard_normal((n, m))


def affine_forward(rng: np.random.Generator) -> Iterator[Any]:
    x, w, b, _ = _layer(rng)
    yield x, w, b
    yield tuple(a.astype(np.float32) for a in (x, w, b))


def affine_backward(rng: np.random.Generator) -> Iterator[Any]:
    x, w, b, dout = _layer(rng)
    yield dout, (x, w, b)


def affine_relu_backward(rng: np.random.Generator) -> Iterator[Any]:
    x, w, b, dout = _layer(rng)
    yield dout, ((x, w, b), x.reshape(len(x), -1) @ w + b)


def relu_forward(rng: np.random.Generator) -> Iterator[Any]:
    x = rng.standard_normal(tuple(rng.integers(1, 5, size=rng.integers(0, 4))))
    yield (x,)
    yield (np.zeros_like(x),)
    yield (np.round(x).astype(np.float32),)


def relu_backward(rng: np.random.Generator) -> Iterator[Any]:
    (x,), *_ = relu_forward(rng)
    yield rng.standard_normal(x.shape), x


def loss(rng: np.random.Generator) -> Iterator[Any]:
    n, c = rng.integers(1, 8, size=2)
    x, y = 3 * rng.standard_normal((n, c)), rng.integers(c, size=n)
    yield x, y
    yield x.astype(np.float32), y
    yield np.round(x), y
    yield 1000 * np.sign(x), y


def rule(rng: np.random.Generator) -> Iterator[Any]:
    shape = tuple(rng.integers(1, 5, size=rng.integers(1, 4)))
    w, dw = rng.standard_normal(shape), rng.standard_normal(shape)
    rate = float(rng.uniform(0.01, 0.5))
    for config in (None, {}, {"learning_rate": rate}):
        yield w, dw, config
        yield _walk(w, dw, config)


def _walk(w: Any, dw: Any, config: Any) -> Ask:
    def ask(code: Any) -> object:
        at, held, path = w.copy(), copy.deepcopy(config), []
        for step in range(4):
            at, held = code(at, dw * (1 + step), held)
            path.append((at.copy(), copy.deepcopy(held)))
        return path

    return ask


def numeric_gradient(rng: np.random.Generator) -> Iterator[Any]:
    x = rng.standard_normal((2, 3))
    yield lambda code: code(lambda a: np.sum(np.exp(a)), x)
    yield lambda code: code(lambda a: a**2 + a[0], x, 1 + x, 1e-3)
    yield lambda code: code(lambda a: a, x, x[0])


def rel_error(rng: np.random.Generator) -> Iterator[Any]:
    a, b = rng.standard_normal((2, *rng.integers(1, 5, size=2)))
    for scale in (1.0, 1e-9, 1e9, 0.0):
        yield scale * a, scale * b
    yield a, a
    yield a, np.where(b > 0, np.nan, b)
    yield a, b[0]


def net(name: str) -> Callable[[np.random.Generator], Iterator[Any]]:
    """A bank for a class of nets: how they begin, their scores, loss and gradients."""

    def asks(rng: np.random.Generator) -> Iterator[Any]:
        n, d, h, c = (int(size) for size in rng.integers(1, 7, size=4))
        first = (h,) if name == "TwoLayerNet" else ([h] * int(rng.integers(1, 4)),)
        args = (d, *first) if name == "TwoLayerNet" else (*first, d)
        settings = {"num_classes": c, "reg": float(rng.uniform(0, 1)), "seed": 3}
        X, y = rng.standard_normal((n, d)), rng.integers(c, size=n)

        def ask(code: Any) -> object:
            one = code(*args, weight_scale=0.5, dtype=np.float64, **settings)
            again = one.loss(X.copy(), y), one.loss(X.astype(np.float32), y)
            return one.params, one.loss(X), one.loss(np.round(X)), again

        yield ask

    return asks


def solver(rng: np.random.Generator) -> Iterator[Any]:
    n, batch_size = int(rng.integers(4, 20)), int(rng.integers(1, 9))
    X, y = rng.standard_normal((n, 3)), rng.integers(3, size=n)
    data = {"X_train": X, "y_train": y, "X_val": X[::-1] + 0.1, "y_val": y[::-1]}
    names = ("sgd", "sgd_momentum", "rmsprop", "adam")
    chosen = {"update_rule": names[int(rng.integers(4))], "batch_size": batch_size}
    decay, some = float(rng.choice([1.0, 0.5])), int(rng.integers(1, n + 2))

    def ask(code: Any) -> object:
        model = reference.TwoLayerNet(3, 4, 3, weight_scale=1.0, seed=1)
        config = {"learning_rate": 0.1}
        settings = {**chosen, "optim_config": config, "lr_decay": decay, "num_epochs": 2}
        one = code(model, dict(data), verbose=False, seed=5, num_train_samples=some, **settings)
        one.train()
        share = one.check_accuracy(X, y, some), one.check_accuracy(X, y, n, 2)
        kept = one.loss_history, one.train_acc_history, one.val_acc_history, one.best_val_acc
        return kept, one.best_params, model.params, share, config

    yield ask


BANKS: dict[str, Callable[[np.random.Generator], Iterator[Any]]] = {
    "numeric_gradient": numeric_gradient,
    "rel_error": rel_error,
    "affine_forward": affine_forward,
    "affine_backward": affine_backward,
    "softmax_loss": loss,
    "svm_loss": loss,
    "sgd": rule,
    "relu_forward": relu_forward,
    "relu_backward": relu_backward,
    "affine_relu_forward": affine_forward,
    "affine_relu_backward": affine_relu_backward,
    "TwoLayerNet": net("TwoLayerNet"),
    "Solver": solver,
    "sgd_momentum": rule,
    "rmsprop": rule,
    "adam": rule,
    "FullyConnectedNet": net("FullyConnectedNet"),
}


def _given(ask: Ask, code: Any) -> object:
    """What an implementation gives, or the type of what it raises."""
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        try:
            return ask(code)
        except Exception as error:
            return type(error).__name__


def _same(one: Any, two: Any) -> bool:
    if isinstance(one, dict):
        return (
            isinstance(two, dict)
            and one.keys() == two.keys()
            and all(_same(one[key], two[key]) for key in one)
        )
    if isinstance(one, tuple | list):
        same = isinstance(two, tuple | list) and len(one) == len(two)
        return same and all(map(_same, one, two))
    if isinstance(one, np.ndarray | np.generic | float):
        a, b = np.asarray(one), np.asarray(two)
        return a.shape == b.shape and a.dtype == b.dtype and np.array_equal(a, b, equal_nan=True)
    return bool(one == two)
