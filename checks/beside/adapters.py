"""Classes as functions: build a net or a solver, give it what it is to hold, ask once.

The desk finds them under the name of the class and the part that is asked, such as
``TwoLayerNet.loss``. Only keywords that every edition of the course knows are used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from .slopes import fresh
from .spy import Spy
from .trouble import Trouble, name_of

Array = np.ndarray[Any, np.dtype[Any]]
Settings = dict[str, Any]
Params = dict[str, Array]

AFTERWARDS = (
    *("loss_history", "train_acc_history", "val_acc_history"),
    *("best_val_acc", "best_params"),
)


@dataclass(frozen=True)
class Adapter:
    """One question to a class.

    Args:
        ask: called with the class and the arguments.
        needs: the methods without which the question makes no sense.
    """

    ask: Callable[..., object]
    needs: tuple[str, ...]


def initial_params(cls: type, settings: Settings) -> object:
    """Build a net, and give the parameters that it begins with."""
    return _params_of(_built(cls, settings))


def loss(cls: type, settings: Settings, params: Params, X: Array, y: object = None) -> object:
    """Ask a net with these parameters for scores, or for ``(loss, grads)``.

    The net holds the very arrays of ``params``; what it does to them, or puts in
    their place, is afterwards seen there.
    """
    net = _net_with(cls, settings, params)
    known = set(_params_of(net))
    try:
        return net.loss(X) if y is None else net.loss(X, y)
    finally:
        _hand_back(_params_of(net), params, known)


def loss_again(
    cls: type,
    settings: Settings,
    params: Params,
    X: Array,
    y: Array,
    X2: Array,
    y2: Array,
) -> tuple[object, object]:
    """Ask one net twice for the same, with another batch and a look at scores in between."""
    net = _net_with(cls, settings, params)
    first = fresh(net.loss(X, y))
    net.loss(X2, y2)
    net.loss(X2)
    return first, net.loss(X, y)


def train(
    cls: type,
    settings: Settings,
    data: Params,
    params: Params,
    plan: Mapping[str, Array] | None = None,
) -> dict[str, object]:
    """Let a solver train a spy; what it keeps afterwards, and what the spy saw."""
    spy = Spy(params, data, plan)
    solver = cls(spy, data, **settings)
    solver.train()
    kept = {name: getattr(solver, name) for name in AFTERWARDS if hasattr(solver, name)}
    return {**kept, "params": spy.params, **spy.seen()}


def train_by(cls: type, settings: Settings, data: Params, params: Params) -> dict[str, object]:
    """Let a solver train a spy by a rule that it is handed, and not told the name of."""
    return train(cls, {**settings, "update_rule": twice_as_far}, data, params)


def twice_as_far(w: Array, dw: Array, config: Any = None) -> tuple[Array, dict[str, Any]]:
    """A rule that nobody else has: twice the step of sgd."""
    known = {"learning_rate": 1e-2, **(config or {})}
    return w - 2 * known["learning_rate"] * dw, known


def check_accuracy(
    cls: type,
    settings: Settings,
    data: Params,
    params: Params,
    num_samples: int | None,
    batch_size: int,
    plan: Mapping[str, Array],
) -> dict[str, object]:
    """Let a solver measure the accuracy of a spy on the validation data."""
    spy = Spy(params, data, plan)
    solver = cls(spy, data, **settings)
    measured = solver.check_accuracy(
        data["X_val"], data["y_val"], num_samples=num_samples, batch_size=batch_size
    )
    return {"accuracy": measured, **spy.seen()}


ADAPTERS: dict[str, Adapter] = {
    "__init__": Adapter(initial_params, ("__init__",)),
    "loss": Adapter(loss, ("__init__", "loss")),
    "loss_again": Adapter(loss_again, ("__init__", "loss")),
    "train": Adapter(train, ("__init__", "train")),
    "train_by": Adapter(train_by, ("__init__", "train")),
    "check_accuracy": Adapter(check_accuracy, ("__init__", "check_accuracy")),
}


def _params_of(net: Any) -> dict[Any, Any]:
    params = net.params
    if not isinstance(params, dict):
        message = f"params is to be a dict of arrays, and it is a {name_of(params)}"
        raise Trouble("raised", error="TypeError", message=message, source="")
    return params


def _net_with(cls: type, settings: Settings, params: Params) -> Any:
    """A net with these parameters, put where it keeps its own: it may share them with another."""
    net = _built(cls, settings)
    _params_of(net).update(params)
    return net


def _built(cls: type, settings: Settings) -> Any:
    """A net with these settings; the name of a dtype stands for the type itself."""
    types = {key: np.dtype(name).type for key, name in settings.items() if key == "dtype"}
    return cls(**{**settings, **types})


def _hand_back(now: Mapping[Any, Any], params: Params, known: set[Any]) -> None:
    """Show in ``params`` what a net has put into its own, or taken out."""
    for name in list(params):
        if name not in now:
            del params[name]
    for name, value in now.items():
        if name in params or name not in known:
            params[name] = value
