# Generated from book/two-layer-net.md: edit there, then `make tangle`.
"""A net of two affine layers with a ReLU between: the chapter "two-layer-net"."""

import numpy as np

from reference.affine import affine_backward, affine_forward
from reference.boundary import check_batch, check_sizes
from reference.sandwich import affine_relu_backward, affine_relu_forward
from reference.softmax import softmax_loss


class TwoLayerNet:
    """A classifier: affine - ReLU - affine - softmax.

    Derived in the chapter "two-layer-net". Its parameters are a dict of arrays,
    and it knows nothing of how they are changed: that is a Solver's business.

    Args:
        input_dim: D, how many numbers an example has.
        hidden_dim: H, how many units the hidden layer has.
        num_classes: C.
        weight_scale: standard deviation of the weights at the start.
        reg: strength of the regulariser, 0.5 * reg * the sum of all squared weights.
        dtype: of the parameters; examples are cast to it.
        seed: of the weights at the start; None draws others each time.

    Attributes:
        params: ``W1`` (D, H), ``b1`` (H,), ``W2`` (H, C), ``b2`` (C,).
        reg: as given, a float.

    Raises:
        ValueError: a size is not a whole number of at least 1, or a batch does not fit.
    """

    def __init__(
        self,
        input_dim=3 * 32 * 32,
        hidden_dim=100,
        num_classes=10,
        weight_scale=1e-3,
        reg=0.0,
        *,
        dtype=np.float64,
        seed=None,
    ):
        check_sizes(input_dim=input_dim, hidden_dim=hidden_dim, num_classes=num_classes)
        self.reg = float(reg)
        self.dtype = np.dtype(dtype)

        rng = np.random.default_rng(seed)
        D, H, C = input_dim, hidden_dim, num_classes
        W1 = weight_scale * rng.standard_normal((D, H))  # eq-two-layer-net-init
        W2 = weight_scale * rng.standard_normal((H, C))  # eq-two-layer-net-init
        params = {"W1": W1, "b1": np.zeros(H), "W2": W2, "b2": np.zeros(C)}
        self.params = {name: value.astype(self.dtype) for name, value in params.items()}

    def loss(self, X, y=None):
        """Give the scores of a batch; with labels, the loss and its gradients.

        Derived in the chapter "two-layer-net": eq-two-layer-net-scores,
        eq-two-layer-net-loss, eq-two-layer-net-decay.

        Args:
            X: a batch, shape (N, d1, ..., dk) with D = d1 * ... * dk.
            y: the right classes, shape (N,), integers from 0 to C - 1; or None.

        Returns:
            The scores, shape (N, C), where ``y`` is None. Else ``(loss, grads)``:
            one number, and a dict with the keys and shapes of ``params``.

        Raises:
            ValueError: ``X`` or ``y`` does not fit this net.
        """
        W1, b1, W2, b2 = (self.params[name] for name in ("W1", "b1", "W2", "b2"))
        check_batch(X, y, len(W1), len(b2))
        X = X.astype(self.dtype, copy=False)

        hidden, cache1 = affine_relu_forward(X, W1, b1)
        scores, cache2 = affine_forward(hidden, W2, b2)  # eq-two-layer-net-scores
        if y is None:
            return scores

        data_loss, dscores = softmax_loss(scores, y)
        squares = np.vdot(W1, W1) + np.vdot(W2, W2)
        loss = data_loss + 0.5 * self.reg * squares      # eq-two-layer-net-loss

        dhidden, dW2, db2 = affine_backward(dscores, cache2)
        _, dW1, db1 = affine_relu_backward(dhidden, cache1, need_dx=False)
        dW1 += self.reg * W1                             # eq-two-layer-net-decay
        dW2 += self.reg * W2                             # eq-two-layer-net-decay
        return loss, {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2}
