"""Mistakes in the rules that remember: momentum, RMSProp and Adam."""

# mypy: allow-untyped-defs, allow-untyped-calls, disable-error-code=name-defined
# ruff: noqa: B006, F821

import numpy as np

from checks.mistakes.entry import Shelf

MISTAKES = Shelf()


# Momentum


@MISTAKES.variant("sgd_momentum", "This is Nesterov's step: the new velocity is used twice.")
def nesterov(w, dw, config=None):
    config = {"learning_rate": 1e-2, "momentum": 0.9} | (config or {})
    v_old = config.get("velocity", np.zeros_like(w))
    v = config["momentum"] * v_old - config["learning_rate"] * dw
    config["velocity"] = v
    return w - config["momentum"] * v_old + (1 + config["momentum"]) * v, config


@MISTAKES.variant(
    "sgd_momentum", "The velocity sums gradients uphill, and the rate comes in only at the step."
)
def rate_outside(w, dw, config=None):
    config = {"learning_rate": 1e-2, "momentum": 0.9} | (config or {})
    v = config["momentum"] * config.get("velocity", np.zeros_like(w)) + dw
    config["velocity"] = v
    return w - config["learning_rate"] * v, config


@MISTAKES.variant("sgd_momentum", "The velocity is stored under a key that nobody reads.")
def key_misspelt(w, dw, config=None):
    config = {"learning_rate": 1e-2, "momentum": 0.9} | (config or {})
    v = config.get("velocity", np.zeros_like(w))
    v = config["momentum"] * v - config["learning_rate"] * dw
    config["velocty"] = v
    return w + v, config


@MISTAKES.variant("sgd_momentum", "The velocity is not stored, so that every step is the first.")
def velocity_not_stored(w, dw, config=None):
    config = {"learning_rate": 1e-2, "momentum": 0.9} | (config or {})
    config.setdefault("velocity", np.zeros_like(w))
    v = config["momentum"] * config["velocity"] - config["learning_rate"] * dw
    return w + v, config


@MISTAKES.variant("sgd_momentum", "The momentum multiplies the new gradient, too.")
def momentum_on_dw(w, dw, config=None):
    config = {"learning_rate": 1e-2, "momentum": 0.9} | (config or {})
    v = config.get("velocity", np.zeros_like(w))
    v = config["momentum"] * (v - config["learning_rate"] * dw)
    return w + v, {**config, "velocity": v}


@MISTAKES.variant("sgd_momentum", "The momentum multiplies the gradient and not the velocity.")
def momentum_on_dw_alone(w, dw, config=None):
    config = {"learning_rate": 1e-2, "momentum": 0.9} | (config or {})
    v = config.get("velocity", np.zeros_like(w))
    v = v - config["momentum"] * config["learning_rate"] * dw
    return w + v, {**config, "velocity": v}


@MISTAKES.variant("sgd_momentum", "Two signs: the velocity goes uphill, and w goes along with it.")
def velocity_uphill(w, dw, config=None):
    config = {"learning_rate": 1e-2, "momentum": 0.9} | (config or {})
    v = config.get("velocity", np.zeros_like(w))
    v = config["momentum"] * v + config["learning_rate"] * dw
    return w + v, {**config, "velocity": v}


@MISTAKES.variant("sgd_momentum", "The step is made with the velocity of the step before.")
def old_velocity(w, dw, config=None):
    config = {"learning_rate": 1e-2, "momentum": 0.9} | (config or {})
    v = config.get("velocity", np.zeros_like(w))
    next_w = w + v
    v = config["momentum"] * v - config["learning_rate"] * dw
    return next_w, {**config, "velocity": v}


@MISTAKES.variant("sgd_momentum", "A mean where a sum belongs: dw is weighted with 1 - momentum.")
def velocity_is_a_mean(w, dw, config=None):
    config = {"learning_rate": 1e-2, "momentum": 0.9} | (config or {})
    v, mu = config.get("velocity", np.zeros_like(w)), config["momentum"]
    v = mu * v - (1 - mu) * config["learning_rate"] * dw
    return w + v, {**config, "velocity": v}


@MISTAKES.variant("sgd_momentum", "w is changed in place and then something else is returned.")
def w_in_place_and_not_returned(w, dw, config=None):
    config = {"learning_rate": 1e-2, "momentum": 0.9} | (config or {})
    v = config.get("velocity", np.zeros_like(w))
    v = config["momentum"] * v - config["learning_rate"] * dw
    w += v
    return w.copy(), {**config, "velocity": v}


@MISTAKES.variant("sgd_momentum", "One velocity, the function's default, for all parameters.")
def one_velocity_for_all(w, dw, config={}):
    config = {} if config is None else config
    config.setdefault("learning_rate", 1e-2)
    config.setdefault("momentum", 0.9)
    v = config.setdefault("velocity", np.zeros_like(w))
    config["velocity"] = config["momentum"] * v - config["learning_rate"] * dw
    return w + config["velocity"], config


# RMSProp


@MISTAKES.variant("rmsprop", "epsilon stands under the root.")
def eps_inside_root(w, dw, config=None):
    config = {"learning_rate": 1e-2, "decay_rate": 0.99} | (config or {})
    rate, eps = config["learning_rate"], config.setdefault("epsilon", 1e-8)
    rho, c = config["decay_rate"], config.get("cache", np.zeros_like(w))
    c = rho * c + (1 - rho) * dw**2
    next_w = w - rate * dw / np.sqrt(c + eps)
    return next_w, {**config, "cache": c}


@MISTAKES.variant("rmsprop", "epsilon is written into the formula; the one in config is not used.")
def eps_hard_coded(w, dw, config=None):
    config = {"learning_rate": 1e-2, "decay_rate": 0.99} | (config or {})
    config.setdefault("epsilon", 1e-8)
    rho, c = config["decay_rate"], config.get("cache", np.zeros_like(w))
    c = rho * c + (1 - rho) * dw**2
    next_w = w - config["learning_rate"] * dw / (np.sqrt(c) + 1e-8)
    return next_w, {**config, "cache": c}


@MISTAKES.variant("rmsprop", "The root is missing.")
def no_root(w, dw, config=None):
    config = {"learning_rate": 1e-2, "decay_rate": 0.99} | (config or {})
    rate, eps = config["learning_rate"], config.setdefault("epsilon", 1e-8)
    rho, c = config["decay_rate"], config.get("cache", np.zeros_like(w))
    c = rho * c + (1 - rho) * dw**2
    next_w = w - rate * dw / (c + eps)
    return next_w, {**config, "cache": c}


@MISTAKES.variant("rmsprop", "The root is multiplied by epsilon, where it is to be added.")
def root_times_eps(w, dw, config=None):
    config = {"learning_rate": 1e-2, "decay_rate": 0.99} | (config or {})
    rate, eps = config["learning_rate"], config.setdefault("epsilon", 1e-8)
    rho, c = config["decay_rate"], config.get("cache", np.zeros_like(w))
    c = rho * c + (1 - rho) * dw**2
    next_w = w - rate * dw / (np.sqrt(c) * eps)
    return next_w, {**config, "cache": c}


@MISTAKES.variant("rmsprop", "+= adds the decayed cache to the cache, which then counts twice.")
def cache_accumulates_twice(w, dw, config=None):
    config = {"learning_rate": 1e-2, "decay_rate": 0.99} | (config or {})
    rate, eps = config["learning_rate"], config.setdefault("epsilon", 1e-8)
    rho, c = config["decay_rate"], config.get("cache", np.zeros_like(w))
    c += rho * c + (1 - rho) * dw**2
    next_w = w - rate * dw / (np.sqrt(c) + eps)
    return next_w, {**config, "cache": c}


@MISTAKES.variant("rmsprop", "A key without quotes is a variable, and there is none of that name.")
def key_without_quotes(w, dw, config=None):
    config = {"learning_rate": 1e-2, "decay_rate": 0.99} | (config or {})
    rate, eps = config["learning_rate"], config.setdefault("epsilon", 1e-8)
    rho, c = config[decay_rate], config.get("cache", np.zeros_like(w))
    c = rho * c + (1 - rho) * dw**2
    next_w = w - rate * dw / (np.sqrt(c) + eps)
    return next_w, {**config, "cache": c}


@MISTAKES.variant("rmsprop", "rho and 1 - rho are exchanged.")
def decay_swapped(w, dw, config=None):
    config = {"learning_rate": 1e-2, "decay_rate": 0.99} | (config or {})
    rate, eps = config["learning_rate"], config.setdefault("epsilon", 1e-8)
    rho, c = config["decay_rate"], config.get("cache", np.zeros_like(w))
    c = (1 - rho) * c + rho * dw**2
    next_w = w - rate * dw / (np.sqrt(c) + eps)
    return next_w, {**config, "cache": c}


@MISTAKES.variant("rmsprop", "The cache never decays: this is AdaGrad.")
def adagrad(w, dw, config=None):
    config = {"learning_rate": 1e-2, "decay_rate": 0.99} | (config or {})
    rate, eps = config["learning_rate"], config.setdefault("epsilon", 1e-8)
    c = config.get("cache", np.zeros_like(w)) + dw**2
    next_w = w - rate * dw / (np.sqrt(c) + eps)
    return next_w, {**config, "cache": c}


@MISTAKES.variant("rmsprop", "The gradient is not squared, and roots of what is negative are nan.")
def not_squared(w, dw, config=None):
    config = {"learning_rate": 1e-2, "decay_rate": 0.99} | (config or {})
    rate, eps = config["learning_rate"], config.setdefault("epsilon", 1e-8)
    rho, c = config["decay_rate"], config.get("cache", np.zeros_like(w))
    c = rho * c + (1 - rho) * dw
    next_w = w - rate * dw / (np.sqrt(c) + eps)
    return next_w, {**config, "cache": c}


@MISTAKES.variant("rmsprop", "The cache is divided by before the new gradient is in it.")
def old_cache(w, dw, config=None):
    config = {"learning_rate": 1e-2, "decay_rate": 0.99} | (config or {})
    rate, eps = config["learning_rate"], config.setdefault("epsilon", 1e-8)
    rho, c = config["decay_rate"], config.get("cache", np.zeros_like(w))
    next_w = w - rate * dw / (np.sqrt(c) + eps)
    c = rho * c + (1 - rho) * dw**2
    return next_w, {**config, "cache": c}


@MISTAKES.variant("rmsprop", "One number for all entries: the squares are added up.")
def one_rate_for_all(w, dw, config=None):
    config = {"learning_rate": 1e-2, "decay_rate": 0.99} | (config or {})
    rate, eps = config["learning_rate"], config.setdefault("epsilon", 1e-8)
    rho, c = config["decay_rate"], config.get("cache", np.zeros_like(w))
    c = rho * c + (1 - rho) * (dw**2).sum()
    next_w = w - rate * dw / (np.sqrt(c) + eps)
    return next_w, {**config, "cache": c}


# Adam


@MISTAKES.variant("adam", "Neither mean is corrected, though both begin at 0.")
def no_correction(w, dw, config=None):
    config = {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999} | (config or {})
    rate, eps = config["learning_rate"], config.setdefault("epsilon", 1e-8)
    b1, b2, t = config["beta1"], config["beta2"], config.get("t", 0) + 1
    m, v = config.get("m", np.zeros_like(w)), config.get("v", np.zeros_like(w))
    m = b1 * m + (1 - b1) * dw
    v = b2 * v + (1 - b2) * dw**2
    next_w = w - rate * m / (np.sqrt(v) + eps)
    return next_w, {**config, "m": m, "v": v, "t": t}


@MISTAKES.variant("adam", "v is not corrected.")
def only_m_corrected(w, dw, config=None):
    config = {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999} | (config or {})
    rate, eps = config["learning_rate"], config.setdefault("epsilon", 1e-8)
    b1, b2, t = config["beta1"], config["beta2"], config.get("t", 0) + 1
    m, v = config.get("m", np.zeros_like(w)), config.get("v", np.zeros_like(w))
    m = b1 * m + (1 - b1) * dw
    v = b2 * v + (1 - b2) * dw**2
    m_hat = m / (1 - b1**t)
    next_w = w - rate * m_hat / (np.sqrt(v) + eps)
    return next_w, {**config, "m": m, "v": v, "t": t}


@MISTAKES.variant("adam", "t is counted up and not kept, so that each correction is the first one.")
def t_not_written_back(w, dw, config=None):
    config = {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999} | (config or {})
    rate, eps = config["learning_rate"], config.setdefault("epsilon", 1e-8)
    b1, b2, t = config["beta1"], config["beta2"], config.get("t", 0) + 1
    m, v = config.get("m", np.zeros_like(w)), config.get("v", np.zeros_like(w))
    m = b1 * m + (1 - b1) * dw
    v = b2 * v + (1 - b2) * dw**2
    m_hat = m / (1 - b1**t)
    v_hat = v / (1 - b2**t)
    next_w = w - rate * m_hat / (np.sqrt(v_hat) + eps)
    return next_w, {**config, "m": m, "v": v}


@MISTAKES.variant("adam", "t goes back as it came in, so that each correction is the first one.")
def t_frozen(w, dw, config=None):
    config = {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999} | (config or {})
    rate, eps = config["learning_rate"], config.setdefault("epsilon", 1e-8)
    b1, b2, t = config["beta1"], config["beta2"], config.get("t", 0) + 1
    m, v = config.get("m", np.zeros_like(w)), config.get("v", np.zeros_like(w))
    m = b1 * m + (1 - b1) * dw
    v = b2 * v + (1 - b2) * dw**2
    m_hat = m / (1 - b1**t)
    v_hat = v / (1 - b2**t)
    next_w = w - rate * m_hat / (np.sqrt(v_hat) + eps)
    return next_w, {**config, "m": m, "v": v, "t": t - 1}


@MISTAKES.variant("adam", "The first correction uses t = 0, and divides 0 by 0.")
def t_before_increment(w, dw, config=None):
    config = {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999} | (config or {})
    rate, eps = config["learning_rate"], config.setdefault("epsilon", 1e-8)
    b1, b2, t = config["beta1"], config["beta2"], config.get("t", 0)
    m, v = config.get("m", np.zeros_like(w)), config.get("v", np.zeros_like(w))
    m = b1 * m + (1 - b1) * dw
    v = b2 * v + (1 - b2) * dw**2
    m_hat = m / (1 - b1**t)
    v_hat = v / (1 - b2**t)
    next_w = w - rate * m_hat / (np.sqrt(v_hat) + eps)
    return next_w, {**config, "m": m, "v": v, "t": t + 1}


@MISTAKES.variant("adam", "epsilon stands under the root.")
def eps_under_root(w, dw, config=None):
    config = {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999} | (config or {})
    rate, eps = config["learning_rate"], config.setdefault("epsilon", 1e-8)
    b1, b2, t = config["beta1"], config["beta2"], config.get("t", 0) + 1
    m, v = config.get("m", np.zeros_like(w)), config.get("v", np.zeros_like(w))
    m = b1 * m + (1 - b1) * dw
    v = b2 * v + (1 - b2) * dw**2
    m_hat = m / (1 - b1**t)
    v_hat = v / (1 - b2**t)
    next_w = w - rate * m_hat / np.sqrt(v_hat + eps)
    return next_w, {**config, "m": m, "v": v, "t": t}


@MISTAKES.variant("adam", "beta**2 stands where beta**t belongs.")
def square_for_power(w, dw, config=None):
    config = {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999} | (config or {})
    rate, eps = config["learning_rate"], config.setdefault("epsilon", 1e-8)
    b1, b2, t = config["beta1"], config["beta2"], config.get("t", 0) + 1
    m, v = config.get("m", np.zeros_like(w)), config.get("v", np.zeros_like(w))
    m = b1 * m + (1 - b1) * dw
    v = b2 * v + (1 - b2) * dw**2
    m_hat = m / (1 - b1**2)
    v_hat = v / (1 - b2**2)
    next_w = w - rate * m_hat / (np.sqrt(v_hat) + eps)
    return next_w, {**config, "m": m, "v": v, "t": t}


@MISTAKES.variant("adam", "1 - (1 - beta)**t stands where 1 - beta**t belongs.")
def power_of_the_rest(w, dw, config=None):
    config = {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999} | (config or {})
    rate, eps = config["learning_rate"], config.setdefault("epsilon", 1e-8)
    b1, b2, t = config["beta1"], config["beta2"], config.get("t", 0) + 1
    m, v = config.get("m", np.zeros_like(w)), config.get("v", np.zeros_like(w))
    m = b1 * m + (1 - b1) * dw
    v = b2 * v + (1 - b2) * dw**2
    m_hat = m / (1 - (1 - b1) ** t)
    v_hat = v / (1 - (1 - b2) ** t)
    next_w = w - rate * m_hat / (np.sqrt(v_hat) + eps)
    return next_w, {**config, "m": m, "v": v, "t": t}


@MISTAKES.variant("adam", "beta * t stands where beta**t belongs.")
def beta_times_t(w, dw, config=None):
    config = {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999} | (config or {})
    rate, eps = config["learning_rate"], config.setdefault("epsilon", 1e-8)
    b1, b2, t = config["beta1"], config["beta2"], config.get("t", 0) + 1
    m, v = config.get("m", np.zeros_like(w)), config.get("v", np.zeros_like(w))
    m = b1 * m + (1 - b1) * dw
    v = b2 * v + (1 - b2) * dw**2
    m_hat = m / (1 - b1 * t)
    v_hat = abs(v / (1 - b2 * t))
    next_w = w - rate * m_hat / (np.sqrt(v_hat) + eps)
    return next_w, {**config, "m": m, "v": v, "t": t}


@MISTAKES.variant("adam", "The corrected means are kept, and corrected again in the next step.")
def corrected_ones_stored(w, dw, config=None):
    config = {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999} | (config or {})
    rate, eps = config["learning_rate"], config.setdefault("epsilon", 1e-8)
    b1, b2, t = config["beta1"], config["beta2"], config.get("t", 0) + 1
    m, v = config.get("m", np.zeros_like(w)), config.get("v", np.zeros_like(w))
    m = b1 * m + (1 - b1) * dw
    v = b2 * v + (1 - b2) * dw**2
    m, v = m / (1 - b1**t), v / (1 - b2**t)
    next_w = w - rate * m / (np.sqrt(v) + eps)
    return next_w, {**config, "m": m, "v": v, "t": t}


@MISTAKES.variant("adam", "beta1 and beta2 are exchanged.")
def betas_swapped(w, dw, config=None):
    config = {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999} | (config or {})
    rate, eps = config["learning_rate"], config.setdefault("epsilon", 1e-8)
    b1, b2, t = config["beta2"], config["beta1"], config.get("t", 0) + 1
    m, v = config.get("m", np.zeros_like(w)), config.get("v", np.zeros_like(w))
    m = b1 * m + (1 - b1) * dw
    v = b2 * v + (1 - b2) * dw**2
    m_hat = m / (1 - b1**t)
    v_hat = v / (1 - b2**t)
    next_w = w - rate * m_hat / (np.sqrt(v_hat) + eps)
    return next_w, {**config, "m": m, "v": v, "t": t}


@MISTAKES.variant("adam", "The root is taken before the correction and not of it.")
def root_before_correction(w, dw, config=None):
    config = {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999} | (config or {})
    rate, eps = config["learning_rate"], config.setdefault("epsilon", 1e-8)
    b1, b2, t = config["beta1"], config["beta2"], config.get("t", 0) + 1
    m, v = config.get("m", np.zeros_like(w)), config.get("v", np.zeros_like(w))
    m = b1 * m + (1 - b1) * dw
    v = b2 * v + (1 - b2) * dw**2
    m_hat = m / (1 - b1**t)
    next_w = w - rate * m_hat / (np.sqrt(v) / (1 - b2**t) + eps)
    return next_w, {**config, "m": m, "v": v, "t": t}


@MISTAKES.variant("adam", "epsilon is added before the correction: TensorFlow's form.")
def epsilon_hat(w, dw, config=None):
    config = {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999} | (config or {})
    rate, eps = config["learning_rate"], config.setdefault("epsilon", 1e-8)
    b1, b2, t = config["beta1"], config["beta2"], config.get("t", 0) + 1
    m, v = config.get("m", np.zeros_like(w)), config.get("v", np.zeros_like(w))
    m = b1 * m + (1 - b1) * dw
    v = b2 * v + (1 - b2) * dw**2
    rate *= np.sqrt(1 - b2**t) / (1 - b1**t)
    next_w = w - rate * m / (np.sqrt(v) + eps)
    return next_w, {**config, "m": m, "v": v, "t": t}


@MISTAKES.variant("adam", "v is a mean of squared means, where squared gradients belong.")
def v_of_the_mean(w, dw, config=None):
    config = {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999} | (config or {})
    rate, eps = config["learning_rate"], config.setdefault("epsilon", 1e-8)
    b1, b2, t = config["beta1"], config["beta2"], config.get("t", 0) + 1
    m, v = config.get("m", np.zeros_like(w)), config.get("v", np.zeros_like(w))
    m = b1 * m + (1 - b1) * dw
    v = b2 * v + (1 - b2) * m**2
    m_hat = m / (1 - b1**t)
    v_hat = v / (1 - b2**t)
    next_w = w - rate * m_hat / (np.sqrt(v_hat) + eps)
    return next_w, {**config, "m": m, "v": v, "t": t}


@MISTAKES.variant("adam", "The step goes along the gradient itself; m is kept and not used.")
def dw_for_m(w, dw, config=None):
    config = {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999} | (config or {})
    rate, eps = config["learning_rate"], config.setdefault("epsilon", 1e-8)
    b1, b2, t = config["beta1"], config["beta2"], config.get("t", 0) + 1
    m, v = config.get("m", np.zeros_like(w)), config.get("v", np.zeros_like(w))
    m = b1 * m + (1 - b1) * dw
    v = b2 * v + (1 - b2) * dw**2
    v_hat = v / (1 - b2**t)
    next_w = w - rate * dw / (np.sqrt(v_hat) + eps)
    return next_w, {**config, "m": m, "v": v, "t": t}


@MISTAKES.variant("adam", "The step goes uphill.")
def uphill(w, dw, config=None):
    config = {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999} | (config or {})
    rate, eps = config["learning_rate"], config.setdefault("epsilon", 1e-8)
    b1, b2, t = config["beta1"], config["beta2"], config.get("t", 0) + 1
    m, v = config.get("m", np.zeros_like(w)), config.get("v", np.zeros_like(w))
    m = b1 * m + (1 - b1) * dw
    v = b2 * v + (1 - b2) * dw**2
    m_hat = m / (1 - b1**t)
    v_hat = v / (1 - b2**t)
    next_w = w + rate * m_hat / (np.sqrt(v_hat) + eps)
    return next_w, {**config, "m": m, "v": v, "t": t}
