"""The mathematics of the book, handed on by name; NumPy only.

The modules beside this file are tangled out of the chapters in ``book/``.
"""

from importlib import import_module
from typing import Any

_HOME = {
    "rel_error": "numeric_gradients",
    "numeric_gradient": "numeric_gradients",
    "affine_forward": "affine",
    "affine_backward": "affine",
    "softmax_loss": "softmax",
    "svm_loss": "softmax",
    "sgd": "optim",
    "sgd_momentum": "optim",
    "rmsprop": "optim",
    "adam": "optim",
    "relu_forward": "relu",
    "relu_backward": "relu",
    "affine_relu_forward": "sandwich",
    "affine_relu_backward": "sandwich",
    "TwoLayerNet": "two_layer_net",
    "FullyConnectedNet": "fully_connected_net",
    "Solver": "solver",
}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'reference' has no attribute {name!r}")
    return getattr(import_module(f"reference.{_HOME[name]}"), name)
