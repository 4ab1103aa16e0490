# Generated from book/fully-connected-net.md: edit there, then `make tangle`.
"""A net of any number of layers: the chapter "fully-connected-net"."""

from itertools import pairwise

import numpy as np

from reference.affine import affine_backward, affine_forward
from reference.boundary import check_batch, check_sizes
from reference.sandwich import affine_relu_backward, affine_relu_forward
from reference.softmax import softmax_loss


class FullyConnectedNet:
    """A classifier of L layers: {affine - ReLU} x (L - 1) - affine - softmax.

    Derived in the chapter "fully-connected-net".

    Args:
        hidden_dims: a list with the width of each hidden layer; L is one more.
        input_dim: D, how many numbers an example has.
        num_classes: C.
        dropout_keep_ratio: 1; dropout is not built yet.
        normalization: None; normalization is not built yet.
        reg: strength of the regulariser, 0.5 * reg * the sum of all squared weights.
        weight_scale: standard deviation of the weights at the start.
        dtype: of the parameters; examples are cast to it.
        seed: of the weights at the start; None draws others each time.

    Attributes:
        params: ``W1`` (D, H1), ``b1`` (H1,), ..., ``WL`` (H, C), ``bL`` (C,).
        num_layers: L.
        reg: as given, as Python's own number.

    Raises:
        ValueError: a size is not a whole number of at least 1, or a batch does not fit.
        NotImplementedError: dropout or normalization is asked for.
    """

    def __init__(
        self,
        hidden_dims,
        input_dim=3 * 32 * 32,
        num_classes=10,
        dropout_keep_ratio=1,
        normalization=None,
        reg=0.0,
        weight_scale=1e-2,
        dtype=np.float32,
        seed=None,
    ):
        if dropout_keep_ratio != 1:
            wanted = f"dropout_keep_ratio is to be 1, not {dropout_keep_ratio}"
            raise NotImplementedError(f"dropout is not built yet: {wanted}")
        if normalization is not None:
            wanted = f"it is to be None, not {normalization!r}"
            raise NotImplementedError(f"normalization is not built yet: {wanted}")
        hidden = {f"hidden_dims[{l}]": width for l, width in enumerate(hidden_dims)}
        check_sizes(input_dim=input_dim, num_classes=num_classes, **hidden)
        self.num_layers = 1 + len(hidden_dims)
        self.reg = float(reg)
        self.dtype = np.dtype(dtype)

        rng = np.random.default_rng(seed)
        self.params = {}
        dims = [input_dim, *hidden_dims, num_classes]
        for l, (rows, columns) in enumerate(pairwise(dims), 1):
            W = weight_scale * rng.standard_normal((rows, columns))  # eq-two-layer-net-init
            self.params[f"W{l}"] = W.astype(self.dtype)
            self.params[f"b{l}"] = np.zeros(columns, dtype=self.dtype)

    def loss(self, X, y=None):
        """Give the scores of a batch; with labels, the loss and its gradients.

        Derived in the chapter "fully-connected-net": eq-fully-connected-net-hidden,
        eq-fully-connected-net-scores, eq-fully-connected-net-loss,
        eq-fully-connected-net-backward, eq-fully-connected-net-decay.

        Args:
            X: a batch, shape (N, d1, ..., dk) with D = d1 * ... * dk.
            y: the right classes, shape (N,), integers from 0 to C - 1; or None.

        Returns:
            The scores, shape (N, C), where ``y`` is None. Else ``(loss, grads)``:
            one number, and a dict with the keys and shapes of ``params``.

        Raises:
            ValueError: ``X`` or ``y`` does not fit this net.
        """
        L, params = self.num_layers, self.params
        check_batch(X, y, len(params["W1"]), len(params[f"b{L}"]))

        h, caches = X.astype(self.dtype, copy=False), {}
        for l in range(1, L):
            W, b = params[f"W{l}"], params[f"b{l}"]
            h, caches[l] = affine_relu_forward(h, W, b)  # eq-fully-connected-net-hidden
        W, b = params[f"W{L}"], params[f"b{L}"]
        scores, caches[L] = affine_forward(h, W, b)      # eq-fully-connected-net-scores
        if y is None:
            return scores

        loss, dh = softmax_loss(scores, y)
        grads = {}
        for l in range(L, 0, -1):  # eq-fully-connected-net-backward
            backward = affine_backward if l == L else affine_relu_backward
            dh, dW, db = backward(dh, caches[l], need_dx=l > 1)
            W = params[f"W{l}"]
            loss += 0.5 * self.reg * np.vdot(W, W)  # eq-fully-connected-net-loss
            grads[f"W{l}"] = dW + self.reg * W      # eq-fully-connected-net-decay
            grads[f"b{l}"] = db
        return loss, grads
