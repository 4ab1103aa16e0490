"""Mistakes in the step of gradient descent."""

# mypy: allow-untyped-defs, allow-untyped-calls

from checks.mistakes.entry import Shelf

MISTAKES = Shelf()


@MISTAKES.variant("sgd", "The step goes uphill.")
def uphill(w, dw, config=None):
    config = {} if config is None else config
    config.setdefault("learning_rate", 1e-2)
    return w + config["learning_rate"] * dw, config


@MISTAKES.variant("sgd", "The learning rate in config is not used.")
def rate_ignored(w, dw, config=None):
    config = {} if config is None else config
    config.setdefault("learning_rate", 1e-2)
    return w - 1e-2 * dw, config


@MISTAKES.variant("sgd", "The default rate is ten times too small.")
def another_default(w, dw, config=None):
    config = {} if config is None else config
    config.setdefault("learning_rate", 1e-3)
    return w - config["learning_rate"] * dw, config


@MISTAKES.variant("sgd", "Without a config there is no learning rate to be found.")
def without_default(w, dw, config=None):
    return w - config["learning_rate"] * dw, config


@MISTAKES.variant("sgd", "The gradient is scaled in place, and it belongs to the caller.")
def dw_scaled_in_place(w, dw, config=None):
    config = {} if config is None else config
    config.setdefault("learning_rate", 1e-2)
    dw *= config["learning_rate"]
    return w - dw, config


@MISTAKES.variant("sgd", "config is not handed back.")
def config_dropped(w, dw, config=None):
    rate = 1e-2 if config is None else config.get("learning_rate", 1e-2)
    return w - rate * dw


@MISTAKES.variant("sgd", "w is changed in place and then something else is returned.")
def step_taken_twice(w, dw, config=None):
    config = {} if config is None else config
    config.setdefault("learning_rate", 1e-2)
    w -= config["learning_rate"] * dw
    return w - config["learning_rate"] * dw, config


@MISTAKES.variant("sgd", "The gradient is divided by its length, so that every step is as long.")
def gradient_normalised(w, dw, config=None):
    config = {} if config is None else config
    config.setdefault("learning_rate", 1e-2)
    length = (dw * dw).sum() ** 0.5
    return w - config["learning_rate"] * dw / length, config
