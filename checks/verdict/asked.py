"""The two functions in question: how they are called, and what they may not do to us."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from checks.model import Array

Forward = Callable[..., Any]
Backward = Callable[..., Any]


class Asked:
    """A forward and a backward pass, always called on copies.

    Args:
        forward: called with the inputs by name; gives an array, a number, or a tuple of
            one of these and what its backward pass needs.
        backward: called with ``(dout, cache)`` where forward gave a tuple, else with
            ``dout`` and the inputs by name, and without ``dout`` where there is none; None
            where forward gives ``(loss, gradients)``.
        names: the inputs whose gradients are in question.
        dout: the weights of the results; None where forward gives one number.
        rng: draws dout where there is none, and forward gives an array.
    """

    def __init__(
        self,
        forward: Forward,
        backward: Backward | None,
        names: Sequence[str],
        dout: Array | None = None,
        rng: np.random.Generator | None = None,
    ) -> None:
        self.forward, self.backward, self.dout, self.rng = forward, backward, dout, rng
        self.names = tuple(names)
        self.forwards = 0

    @property
    def function(self) -> str:
        """What the forward pass is called."""
        name = getattr(self.forward, "__name__", type(self.forward).__name__)
        return "forward" if name == "<lambda>" else str(name)

    def result(self, inputs: Mapping[str, Any]) -> tuple[Any, Any]:
        """Call forward on these very arrays; give its result and, in a tuple, what came with it."""
        self.forwards += 1
        try:
            result = self.forward(**inputs)
        except Exception as error:
            error.add_note("gradient_check called forward with " + _listed(inputs))
            raise
        if not isinstance(result, tuple):
            if self.backward is None:
                raise TypeError(
                    f"{self.function} gives {_kind(result)}, and without a backward pass "
                    "(loss, gradients) is wanted"
                )
            return result, None
        if len(result) != 2:
            wanted = "(loss, gradients)" if self.backward is None else "(out, cache)"
            raise TypeError(f"{self.function} gives {len(result)} results, and not {wanted}")
        return result[0], result

    def values(self, inputs: Mapping[str, Any]) -> Array:
        """Call forward and give its result alone; it may share memory with the inputs."""
        return self.numbers(self.result(inputs)[0])

    def numbers(self, out: Any) -> Array:
        """Read a result as an array of floats, in the shape that ``dout`` has."""
        try:
            y = np.asarray(out)
        except ValueError:  # rows of different lengths
            y = np.asarray(None)
        if y.dtype.kind not in "fiub":
            raise TypeError(f"{self.function} gives {_kind(out)}, and not real numbers")
        if self.backward is None and y.ndim and self.dout is None:
            raise ValueError(
                f"{self.function} gives an array of shape {y.shape} and gradients: of which "
                "number? Pass the dout that they belong to"
            )
        if self.dout is not None and y.shape != self.dout.shape:
            raise ValueError(
                f"{self.function} gives an array of shape {y.shape}, but dout has shape "
                f"{self.dout.shape}"
            )
        return y

    def slopes(self, copies: Callable[[], Mapping[str, Any]]) -> tuple[Array, dict[str, Any]]:
        """Run both passes on copies; give the result, and what came for each input, by name.

        The gradients are those that came, and may share memory with anything.
        """
        out, both = self.result(copies())
        y = self.numbers(out).copy()
        if self.backward is None:
            return y, self._by_name(both[1])
        if self.dout is None and y.ndim and self.rng is not None:
            self.dout = np.asarray(self.rng.standard_normal(y.shape))
        given = [] if self.dout is None else [self.dout.copy()]
        try:
            if both is not None:
                grads = self.backward(*given, both[1])
            else:
                grads = self.backward(*given, **copies())
        except Exception as error:
            error.add_note(f"gradient_check called backward after {self.function}")
            raise
        return y, self._by_name(grads)

    def _by_name(self, grads: Any) -> dict[str, Any]:
        """Sort what came back to the inputs: a dict by name, others by their order."""
        if isinstance(grads, Mapping):
            return {n: grads.get(n, grads.get(f"d{n}")) for n in self.names}
        if not isinstance(grads, tuple | list):
            grads = (grads,)
        if len(grads) != len(self.names):
            raise TypeError(
                f"{len(grads)} gradients came back, and {len(self.names)} are in question: "
                f"{', '.join(self.names)}; give a dict, or say which ones with wrt="
            )
        return dict(zip(self.names, grads, strict=True))


def settled(inputs: object, wrt: Sequence[str] | None) -> tuple[dict[str, Any], list[str]]:
    """Take the inputs, floats in float64, and find those to check.

    Raises:
        TypeError, ValueError: there is nothing to check, or no slope at such a point.
    """
    if not isinstance(inputs, Mapping):
        raise TypeError(f"inputs is {_kind(inputs)}: give a dict, such as {{'x': x, 'w': w}}")
    names = [name for name, value in inputs.items() if _is_floats(value)]
    if wrt is not None:
        for name in wrt:
            if name not in inputs:
                raise ValueError(f"wrt names {name!r}, which is not among the inputs")
        names = [name for name in inputs if name in wrt]
    for name in names:
        _refuse(name, inputs[name])
    if not names:
        given = ", ".join(f"{name} is {_kind(value)}" for name, value in inputs.items())
        raise TypeError(
            f"no input is an array of floats ({given or 'there are none'}): whole numbers cannot "
            "be nudged, so pass x.astype(float)"
        )
    return {name: _double(value) for name, value in inputs.items()}, names


def _double(value: Any) -> Any:
    """An array of floats in float64, which is only ever read; anything else as it is."""
    is_float = type(value) is np.ndarray and value.dtype.kind == "f"
    return value.astype(np.float64, copy=False) if is_float else value


def weights(dout: object) -> Array | None:
    """Take a copy of the weights that were given, in float64."""
    if dout is None:
        return None
    taken = np.array(dout, dtype=np.float64)
    if not np.isfinite(taken).all():
        raise ValueError("dout is not finite: no sum with it has a slope")
    return taken


def _is_floats(value: object) -> bool:
    return isinstance(value, np.ndarray) and value.dtype.kind in "fc"


def _refuse(name: str, value: object) -> None:
    if type(value) is not np.ndarray:
        raise TypeError(f"{name} is {_kind(value)}: pass np.asarray({name})")
    if value.dtype.kind != "f":
        raise TypeError(f"{name} holds {value.dtype}, and a nudge needs real floats")
    finite = np.isfinite(value)
    if not finite.all():
        index = [int(i) for i in np.argwhere(~finite)[0]]
        raise ValueError(f"{name}{index or ''} is {value[tuple(index)]}: there is no slope there")


def _kind(value: object) -> str:
    if type(value) is np.ndarray:
        return f"an array of {value.dtype}"
    return f"a {type(value).__name__}"


def _listed(inputs: Mapping[str, Any]) -> str:
    return ", ".join(
        f"{name} of shape {value.shape}" if isinstance(value, np.ndarray) else f"{name}={value!r}"
        for name, value in inputs.items()
    )[:500]
