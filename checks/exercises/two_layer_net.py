"""What the chapter "two-layer-net" asks for, as checks."""

from __future__ import annotations

from checks.model import Exercise

two_layer_net = Exercise(
    "TwoLayerNet",
    chapter="two-layer-net",
    statement="a net of two affine layers with a ReLU between, its loss and its gradients",
    minutes=30,
    after=("affine_forward", "affine_backward", "relu_forward", "relu_backward", "softmax_loss"),
    stub='''\
class TwoLayerNet:
    """A classifier: affine - ReLU - affine - softmax."""

    def __init__(
        self, input_dim=3 * 32 * 32, hidden_dim=100, num_classes=10, weight_scale=1e-3, reg=0.0
    ):
        """Draw the weights.

        Args:
            input_dim: D, how many numbers an example has.
            hidden_dim: H, how many units the hidden layer has.
            num_classes: C.
            weight_scale: standard deviation of the weights at the start.
            reg: strength of the regulariser.

        self.params becomes a dict with W1 (D, H) and W2 (H, C), drawn from a
        normal distribution, and b1 (H,) and b2 (C,), zeros.
        """
        self.params = {}
        self.reg = reg
        raise NotImplementedError

    def loss(self, X, y=None):
        """Give the scores of a batch; with labels, the loss and its gradients.

        The loss is softmax_loss of the scores, plus
        0.5 * reg * (the sum of all entries of W1 and of W2, squared).

        Args:
            X: a batch, shape (N, d1, ..., dk) with D = d1 * ... * dk.
            y: the right classes, shape (N,), or None.

        Returns:
            The scores, shape (N, C), where y is None. Else (loss, grads): one
            number, and a dict with the keys and shapes of self.params.
        """
        raise NotImplementedError
''',
    hints=(
        "Go through the layers once forwards, keep each cache, and use the caches in the "
        "opposite order. Which layer stands between the last affine layer and the loss?",
        "eq-two-layer-net-scores has one ReLU, not two; eq-two-layer-net-loss adds the "
        "regulariser to the loss, and eq-two-layer-net-decay its slope to the gradients of the "
        "weights.",
    ),
)

weighted_softmax_loss = Exercise(
    "weighted_softmax_loss",
    chapter="two-layer-net",
    statement="cross-entropy in which some classes count more than others, and its gradient",
    minutes=15,
    after=("softmax_loss",),
    variation=True,
    stub='''\
def weighted_softmax_loss(x, y, weights):
    """Give the class-weighted cross-entropy of a batch, and its slope.

    An example of class c counts weights[c] times: its loss is
    -weights[c] * log p[c], p being the softmax of its scores.

    Args:
        x: scores, one row per example, shape (N, C), as large as +-1000.
        y: the right classes, shape (N,), integers from 0 to C - 1.
        weights: one positive number per class, shape (C,).

    Returns:
        (loss, dx): the mean over the batch (the sum of the losses divided
        by N), one number, and its gradient with respect to x, shape (N, C).
    """
    raise NotImplementedError
''',
    hints=(
        "One example has one weight, and it multiplies all of that example's loss: what does it "
        "multiply in that example's row of dx?",
        "eq-two-layer-net-weighted: write its slope for one example first, as for eq-softmax-dx; "
        "weights[y] holds one number per example.",
    ),
)
