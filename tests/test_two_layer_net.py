"""The net with one hidden layer: the course's probe, its slopes, and what it refuses."""

from typing import Any

import numpy as np
import pytest

from reference import TwoLayerNet, numeric_gradient, rel_error

N, D, H, C = 3, 5, 50, 7


def probe(reg: float) -> tuple[TwoLayerNet, Any, Any]:
    """The net and the batch on which the course compares its numbers."""
    net = TwoLayerNet(D, H, C, weight_scale=1e-3, reg=reg)
    net.params["W1"] = np.linspace(-0.7, 0.3, num=D * H).reshape(D, H)
    net.params["b1"] = np.linspace(-0.1, 0.9, num=H)
    net.params["W2"] = np.linspace(-0.3, 0.4, num=H * C).reshape(H, C)
    net.params["b2"] = np.linspace(-0.9, 0.1, num=C)
    X = np.linspace(-5.5, 4.5, num=N * D).reshape(D, N).T
    return net, X, np.array([0, 5, 1])


@pytest.mark.parametrize(("reg", "loss"), [(0.0, 3.4702243556), (1.0, 26.5948426952)])
def test_loss_is_that_of_the_course(reg: float, loss: float) -> None:
    """On the course's probe the loss is the course's, to its ten digits."""
    net, X, y = probe(reg)
    assert round(float(net.loss(X, y)[0]), 10) == loss


@pytest.mark.parametrize("reg", [0.0, 0.37])
def test_gradients_are_slopes_of_the_loss(reg: float) -> None:
    """Each gradient is the slope of the loss, the regulariser's part included."""
    rng = np.random.default_rng(3)
    net = TwoLayerNet(6, 5, 4, weight_scale=0.5, reg=reg, seed=1)
    net.params["b1"] += rng.standard_normal(5)
    net.params["b2"] += rng.standard_normal(4)
    X, y = rng.standard_normal((7, 2, 3)), rng.integers(4, size=7)
    _, grads = net.loss(X, y)
    for name, w in net.params.items():

        def loss(value: Any, name: str = name) -> Any:
            before, net.params[name] = net.params[name], value
            found = net.loss(X, y)[0]
            net.params[name] = before
            return found

        # nothing lies within 1e-5 of a kink at this seed, so what is left is rounding
        assert rel_error(grads[name], numeric_gradient(loss, w)) < 1e-8


def test_weights_start_at_the_scale_that_was_asked_for() -> None:
    """W1 and W2 are normal with standard deviation weight_scale, the biases 0, by the seed."""
    net = TwoLayerNet(200, 300, 100, weight_scale=0.02, seed=4)
    for name in ("W1", "W2"):
        assert net.params[name].std() == pytest.approx(0.02, rel=0.03)
        assert (np.abs(net.params[name]) > 0.04).mean() == pytest.approx(0.0455, abs=0.005)
    assert not net.params["b1"].any()
    assert not net.params["b2"].any()
    again, other = TwoLayerNet(200, 300, 100, 0.02, seed=4), TwoLayerNet(200, 300, 100, 0.02)
    assert np.array_equal(again.params["W1"], net.params["W1"])
    assert not np.array_equal(other.params["W1"], net.params["W1"])


@pytest.mark.parametrize("reg", [0.1, np.float64(0.1)])
def test_a_net_in_single_precision_stays_in_it(reg: float) -> None:
    """With dtype float32 all that a net gives is float32, whatever kinds X and reg are of."""
    net = TwoLayerNet(6, 5, 4, reg=reg, dtype=np.float32)
    X = np.random.default_rng(0).integers(255, size=(7, 6), dtype=np.uint8)
    assert net.loss(X).dtype == np.float32
    loss, grads = net.loss(X, np.zeros(7, dtype=int))
    assert {g.dtype for g in (loss, *grads.values())} == {np.dtype(np.float32)}


def test_a_net_leaves_batch_and_parameters_alone() -> None:
    """Neither X and y nor the parameters change, and no gradient shares memory with them."""
    net, X, y = probe(0.5)
    before = {name: w.copy() for name, w in net.params.items()}
    kept = X.copy(), y.copy()
    _, grads = net.loss(X, y)
    assert np.array_equal(X, kept[0])
    assert np.array_equal(y, kept[1])
    for name, w in net.params.items():
        assert np.array_equal(w, before[name])
        assert not any(np.shares_memory(w, g) for g in grads.values())


X = np.zeros((3, 5))


@pytest.mark.parametrize(
    ("batch", "labels", "words"),
    [
        (np.zeros((3, 28, 28)), None, "X has 784 numbers per example, but .* 5 .input_dim"),
        (np.zeros(5), None, r"X has the shape \(5,\), but a net takes a batch"),
        (np.zeros((0, 5)), None, r"X has the shape \(0, 5\)"),
        (X.tolist(), None, "X is to be an array of real numbers, and it is a list"),
        (X + 0j, None, "X is to be an array of real numbers, and it is one of complex128"),
        (X, [0, 1, 2], "y is to be an array of whole numbers, and it is a list"),
        (X, np.zeros(3), "y is to be an array of whole numbers, and it is one of float64"),
        (X, np.zeros(4, dtype=int), r"X holds 3 examples, but y has the shape \(4,\)"),
        (X, np.zeros((3, 1), dtype=int), r"X holds 3 examples, but y has the shape \(3, 1\)"),
        (X, np.array([0, 7, 1]), "y holds labels from 0 to 7, .* the classes 0 to 6 .num_classes"),
        (X, np.array([0, -1, 1]), "y holds labels from -1 to 1"),
    ],
)
def test_a_batch_that_does_not_fit_is_refused(batch: Any, labels: Any, words: str) -> None:
    """What does not fit is refused in a sentence with both sides."""
    with pytest.raises(ValueError, match=words):
        TwoLayerNet(D, H, C).loss(batch, labels)


@pytest.mark.parametrize("size", [0, -1, 2.5, True, [50], "50"])
def test_a_size_that_is_none_is_refused(size: Any) -> None:
    """A size is a whole number of at least 1, and its name is in the sentence."""
    with pytest.raises(ValueError, match="hidden_dim is to be a whole number of at least 1"):
        TwoLayerNet(5, size, 3)
