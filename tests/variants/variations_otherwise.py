"""Variations of rules once more: state and w in place, no root of a difference below 0."""

import math

import numpy as np


def centered_rmsprop(w, dw, config=None):
    if config is None:
        config = {}
    for key, value in (("learning_rate", 1e-2), ("decay_rate", 0.99), ("epsilon", 1e-8)):
        config.setdefault(key, value)
    for key in ("cache", "mean"):
        config.setdefault(key, np.zeros(w.shape))
    share = 1 - config["decay_rate"]
    config["cache"] += share * (dw * dw - config["cache"])
    config["mean"] += share * (dw - config["mean"])
    difference = config["cache"] - np.square(config["mean"])
    difference[difference < 0] = 0
    w -= config["learning_rate"] * (dw / (np.sqrt(difference) + config["epsilon"]))
    return w, config


def clipped_sgd(w, dw, config=None):
    config = {"learning_rate": 1e-2, "max_norm": 1.0} | dict(config or {})
    norm = math.sqrt(float(np.vdot(dw, dw)))
    w -= config["learning_rate"] * dw * (config["max_norm"] / max(norm, config["max_norm"]))
    return w, config
