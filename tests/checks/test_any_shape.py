"""Right code is accepted on inputs of any shape and precision, not only on those that we draw."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import reference
from checks.exercises import affine, relu, sandwich, softmax
from checks.exercises.agree import Drawn, passes
from checks.exercises.layers import Layer
from checks.exercises.nets import Batch, DeepBatch, Net
from checks.model import Array
from checks.student import InProcess

RIGHT = InProcess({name: getattr(reference, name) for name in reference.__all__})
LAYERS = (affine.LAYER, sandwich.LAYER, relu.LAYER)
DTYPES = st.sampled_from(["float64", "float32"])
SIZE = st.integers(1, 7)
SCALES = st.sampled_from([1e-3, 1, 50])
SEEDS = st.integers(0, 1000)
few = settings(max_examples=25, deadline=None, derandomize=True, database=None)


def off_zero(rng: np.random.Generator, *shape: int) -> Array:
    """Numbers of ordinary size, none of which is near a kink at 0."""
    return rng.uniform(0.1, 2.0, shape) * rng.choice([-1.0, 1.0], shape)


@st.composite
def drawn(draw: Callable[..., object], layer: Layer) -> Drawn:
    """The inputs of a layer in any shape: one example, no features to speak of, many axes."""
    n, m = draw(SIZE), draw(SIZE)
    example = draw(st.lists(st.integers(1, 4), min_size=1, max_size=3))
    assert isinstance(n, int)
    assert isinstance(m, int)
    assert isinstance(example, list)
    rng = np.random.default_rng(draw(SEEDS))
    x = off_zero(rng, n, *example)
    arrays = {"x": x, "dout": off_zero(rng, *x.shape)}
    if layer is not relu.LAYER:
        w, b = off_zero(rng, int(np.prod(example)), m), off_zero(rng, m)
        arrays |= {"w": w, "b": b, "dout": off_zero(rng, n, m)}
    dtype = str(draw(DTYPES))
    return Drawn({name: a.astype(dtype) for name, a in arrays.items()}, {"N": n})


@given(data=st.data(), layer=st.sampled_from(LAYERS))
@few
def test_layers_of_any_shape_are_accepted(data: st.DataObject, layer: Layer) -> None:
    """Both passes of a right layer agree with what is right, whatever the shapes and the dtype."""
    inputs = data.draw(drawn(layer))
    assert passes(layer.forward_agrees(RIGHT, inputs))
    for which in range(len(layer.gradients)):
        assert passes(layer.backward_agrees(RIGHT, inputs, which))
    assert passes(layer.leaves_alone(RIGHT, inputs))
    assert passes(layer.backward_leaves_alone(RIGHT, inputs))


@given(data=st.data(), layer=st.sampled_from(LAYERS[:2]))
@few
def test_wrong_layers_of_any_shape_are_rejected(data: st.DataObject, layer: Layer) -> None:
    """A bias gradient of half the size is seen, whatever the shapes and the dtype."""
    inputs = data.draw(drawn(layer))
    backward = getattr(reference, layer.backward)

    def halved(dout: Array, cache: object) -> object:
        dx, dw, db = backward(dout, cache)
        return dx, dw, db / 2

    own = {layer.forward: getattr(reference, layer.forward), layer.backward: halved}
    seen = layer.backward_agrees(InProcess(own), inputs, 2)
    db = layer.pull(inputs["dout"], *layer.args(inputs))[2]
    assert passes(seen) == (not np.any(db))


@given(n=SIZE, c=SIZE, seed=SEEDS, dtype=DTYPES, scale=SCALES)
@few
def test_losses_of_any_shape_are_accepted(
    n: int, c: int, seed: int, dtype: str, scale: float
) -> None:
    """A right loss and its dx agree, also for one example, one class and large scores."""
    rng = np.random.default_rng(seed)
    x = (scale * off_zero(rng, n, c)).astype(dtype)
    inputs = Drawn({"x": x, "y": rng.integers(c, size=n)}, {"N": n, "C": c})
    answer = softmax.run(RIGHT, inputs)
    assert passes(softmax.agrees(answer, inputs, 0))
    assert passes(softmax.agrees(answer, inputs, 1))


@given(
    n=SIZE,
    dims=st.lists(SIZE, min_size=3, max_size=5),
    reg=st.sampled_from([0.0, 0.3]),
    seed=SEEDS,
)
@few
def test_nets_of_any_shape_are_accepted(n: int, dims: list[int], reg: float, seed: int) -> None:
    """A right net agrees in scores, loss and every gradient, whatever its widths and its depth."""
    rng = np.random.default_rng(seed)
    params = {}
    for l, (rows, columns) in enumerate(pairwise(dims), 1):
        params |= {f"W{l}": off_zero(rng, rows, columns), f"b{l}": off_zero(rng, columns)}
    X, y = off_zero(rng, n, dims[0]), rng.integers(dims[-1], size=n)
    widths = {f"H{l}": width for l, width in enumerate(dims[1:-1], 1)}
    sizes = {"N": n, "D": dims[0], **widths, "C": dims[-1]}
    batch: Batch = DeepBatch(sizes, reg, params, X, y)
    deep = Net("FullyConnectedNet")
    assert passes(deep.scores_agree(RIGHT, batch))
    assert passes(deep.loss_agrees(RIGHT, batch))
    assert all(passes(deep.gradient_agrees(RIGHT, batch, key)) for key in params)
    if len(dims) == 3:
        two = Batch({**sizes, "H": dims[1]}, reg, params, X, y)
        assert passes(Net("TwoLayerNet").loss_agrees(RIGHT, two))
        assert passes(Net("TwoLayerNet").loss_agrees(RIGHT, replace(two, y=y[::-1].copy())))
