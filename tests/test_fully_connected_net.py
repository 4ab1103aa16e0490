"""The net of any depth: a net of two layers in it, its slopes, its start, and what it refuses."""

from typing import Any

import numpy as np
import pytest

from reference import FullyConnectedNet, TwoLayerNet, numeric_gradient, rel_error

D, C = 6, 4
DEPTHS = [[], [5], [7, 5], [5, 8, 7], [9, 7, 8, 5]]


def net_with_biases(widths: list[int], reg: float = 0.0, seed: int = 1) -> FullyConnectedNet:
    """A net in which biases are not zero, and neither activations nor gradients fade."""
    rng = np.random.default_rng(seed)
    net = FullyConnectedNet(widths, D, C, reg=reg, weight_scale=0.6, dtype=np.float64, seed=seed)
    for name, w in net.params.items():
        if name.startswith("b"):
            net.params[name] = 0.5 * rng.standard_normal(w.shape)
    return net


def batch(seed: int = 3) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    return rng.standard_normal((7, 2, 3)), rng.integers(C, size=7)


def test_one_hidden_layer_makes_a_two_layer_net() -> None:
    """With one width and the same parameters, scores, loss and gradients are TwoLayerNet's."""
    deep, two = net_with_biases([5], reg=0.37), TwoLayerNet(D, 5, C, reg=0.37)
    two.params = {name: w.copy() for name, w in deep.params.items()}
    X, y = batch()
    assert np.array_equal(deep.loss(X), two.loss(X))
    (loss, grads), (other, others) = deep.loss(X, y), two.loss(X, y)
    assert loss == pytest.approx(other, rel=1e-14)
    for name, g in grads.items():
        # the regulariser is added in another order
        assert rel_error(g, others[name]) < 1e-14


@pytest.mark.parametrize("reg", [0.0, 0.37])
@pytest.mark.parametrize("widths", DEPTHS, ids=len)
def test_gradients_are_slopes_of_the_loss(widths: list[int], reg: float) -> None:
    """At any depth each gradient is the slope of the loss, the regulariser's part included."""
    net, (X, y) = net_with_biases(widths, reg), batch()
    _, grads = net.loss(X, y)
    assert list(grads) == [
        name for l in range(len(widths) + 1, 0, -1) for name in (f"W{l}", f"b{l}")
    ]
    assert set(grads) == set(net.params)
    for name, w in net.params.items():

        def loss(value: Any, name: str = name) -> Any:
            before, net.params[name] = net.params[name], value
            found = net.loss(X, y)[0]
            net.params[name] = before
            return found

        assert grads[name].shape == w.shape
        # nothing lies within 1e-5 of a kink at these seeds, so what is left is rounding
        assert rel_error(grads[name], numeric_gradient(loss, w)) < 1e-7


def test_no_relu_stands_behind_the_last_layer_and_one_behind_each_other() -> None:
    """Scores may be negative, and a hidden unit may not: zero weights above it give the bias."""
    net, (X, _) = net_with_biases([7, 5]), batch()
    assert (net.loss(X) < 0).any()
    net.params["W2"][:], net.params["b2"][:] = 0.0, -1.0
    assert np.array_equal(net.loss(X), np.broadcast_to(net.params["b3"], (7, C)))


def test_the_last_weights_are_regularised_and_no_biases() -> None:
    """The regulariser is half of reg times the squares of every W, and of nothing else."""
    X, y = batch()
    plain, priced = net_with_biases([7, 5]), net_with_biases([7, 5], reg=0.8)
    squares = sum(np.sum(priced.params[f"W{l}"] ** 2) for l in (1, 2, 3))
    assert priced.loss(X, y)[0] - plain.loss(X, y)[0] == pytest.approx(0.4 * squares, rel=1e-12)


def test_the_first_loss_is_that_of_a_guess() -> None:
    """At a small start the loss is log C at any depth."""
    X, y = batch()
    for widths in DEPTHS:
        net = FullyConnectedNet(widths, D, C, weight_scale=1e-3, dtype=np.float64, seed=0)
        # with one layer the scores are about 1e-3, and enter by their mean
        assert net.loss(X, y)[0] == pytest.approx(np.log(C), rel=5e-3)


def test_weights_start_at_the_scale_that_was_asked_for() -> None:
    """Every W is normal with standard deviation weight_scale, every b is 0, by the seed."""
    net = FullyConnectedNet([90, 110, 100], 120, 95, weight_scale=0.02, dtype=np.float64, seed=4)
    shapes = {"W1": (120, 90), "W2": (90, 110), "W3": (110, 100), "W4": (100, 95)}
    for name, shape in shapes.items():
        w = net.params[name]
        assert w.shape == shape
        assert w.std() == pytest.approx(0.02, rel=0.03)
        # five standard deviations of a share of 9,500 draws
        assert (np.abs(w) > 0.04).mean() == pytest.approx(0.0455, abs=0.011)
        assert not net.params[name.replace("W", "b")].any()
    again = FullyConnectedNet([90, 110, 100], 120, 95, weight_scale=0.02, dtype=np.float64, seed=4)
    other = FullyConnectedNet([90, 110, 100], 120, 95, weight_scale=0.02, dtype=np.float64)
    assert np.array_equal(again.params["W4"], net.params["W4"])
    assert not np.array_equal(other.params["W4"], net.params["W4"])


@pytest.mark.parametrize("dtype", [np.float32, np.float64, "float32"])
def test_a_net_stays_in_its_dtype(dtype: Any) -> None:
    """Parameters, scores and gradients have the dtype of the net, whatever X is."""
    net = FullyConnectedNet([5, 7], D, C, reg=0.1, dtype=dtype)
    X = np.random.default_rng(0).integers(255, size=(7, D), dtype=np.uint8)
    assert net.loss(X).dtype == np.dtype(dtype)
    _, grads = net.loss(X, np.zeros(7, dtype=int))
    assert {a.dtype for a in (*net.params.values(), *grads.values())} == {np.dtype(dtype)}


def test_a_regulariser_out_of_an_array_does_not_change_the_dtype() -> None:
    """A reg that is NumPy's float64 leaves the gradients of a float32 net in float32."""
    net = FullyConnectedNet([5], D, C, reg=np.float64(0.1))
    _, grads = net.loss(*batch())
    assert {g.dtype for g in grads.values()} == {np.dtype(np.float32)}


def test_single_precision_is_the_default_and_near_double() -> None:
    """Without a dtype a net is float32, and its gradients are float64's to six digits or so."""
    X, y = batch()
    double = net_with_biases([7, 5], reg=0.1)
    single = FullyConnectedNet([7, 5], D, C, reg=0.1)
    assert single.params["W1"].dtype == np.float32
    single.params = {name: w.astype(np.float32) for name, w in double.params.items()}
    (_, low), (_, high) = single.loss(X, y), double.loss(X, y)
    for name, g in high.items():
        # some dozen roundings of 6e-8
        assert rel_error(low[name].astype(np.float64), g) < 1e-5


def test_a_net_leaves_batch_and_parameters_alone() -> None:
    """Neither X and y nor the parameters change, and no gradient shares memory with them."""
    net, (X, y) = net_with_biases([7, 5], reg=0.5), batch()
    before = {name: w.copy() for name, w in net.params.items()}
    kept = X.copy(), y.copy()
    _, grads = net.loss(X, y)
    again = net.loss(X, y)[1]
    assert np.array_equal(X, kept[0])
    assert np.array_equal(y, kept[1])
    for name, w in net.params.items():
        assert np.array_equal(w, before[name])
        assert np.array_equal(grads[name], again[name])
        assert not any(np.shares_memory(w, g) for g in grads.values())


def test_the_list_of_widths_is_left_alone() -> None:
    """A list that is used for two nets gives two equal nets."""
    widths = [7, 5]
    one, two = (FullyConnectedNet(widths, D, C) for _ in range(2))
    assert widths == [7, 5]
    assert {n: w.shape for n, w in one.params.items()} == {
        n: w.shape for n, w in two.params.items()
    }


@pytest.mark.parametrize("ratio", [0.5, 0, 1.5])
def test_dropout_is_refused(ratio: float) -> None:
    """A net that would ignore dropout says that it is not built, with what was asked for."""
    with pytest.raises(NotImplementedError, match=f"dropout is not built yet: .* 1, not {ratio}"):
        FullyConnectedNet([5], D, C, dropout_keep_ratio=ratio)


@pytest.mark.parametrize("kind", ["batchnorm", "layernorm", False])
def test_normalization_is_refused(kind: Any) -> None:
    """A net that would ignore normalization says that it is not built."""
    with pytest.raises(NotImplementedError, match=r"normalization is not built yet: .* None"):
        FullyConnectedNet([5], D, C, normalization=kind)


@pytest.mark.parametrize("size", [0, -1, 2.5, True, [50], "50"])
def test_a_width_that_is_none_is_refused(size: Any) -> None:
    """A width is a whole number of at least 1, and its place in the list is in the sentence."""
    with pytest.raises(ValueError, match=r"hidden_dims\[1\] is to be a whole number of at least 1"):
        FullyConnectedNet([5, size], D, C)


@pytest.mark.parametrize(
    ("inputs", "labels", "words"),
    [
        (np.zeros((3, 28, 28)), None, "X has 784 numbers per example, but .* 6 .input_dim"),
        (np.zeros(6), None, r"X has the shape \(6,\), but a net takes a batch"),
        (np.zeros((3, 6)), np.zeros(3), "y is to be an array of whole numbers"),
        (np.zeros((3, 6)), np.array([0, 4, 1]), "y holds labels from 0 to 4, .* 0 to 3"),
    ],
)
def test_a_batch_that_does_not_fit_is_refused(inputs: Any, labels: Any, words: str) -> None:
    """What does not fit is refused in a sentence with both sides, at any depth."""
    for widths in DEPTHS:
        with pytest.raises(ValueError, match=words):
            FullyConnectedNet(widths, D, C).loss(inputs, labels)
