"""What the chapter "solver" asks for, as checks."""

from __future__ import annotations

from checks.model import Exercise

solver = Exercise(
    "Solver",
    chapter="solver",
    statement="the loop that trains any net: draw, loss, step, look, keep the best",
    minutes=40,
    after=("sgd",),
    stub='''\
class Solver:
    """Train a net by many small steps against gradients of minibatches.

    A net has a dict params of arrays and loss(X, y), which gives (loss, grads),
    or scores where y is None.
    """

    def __init__(
        self,
        model,
        data,
        update_rule="sgd",
        optim_config=None,
        lr_decay=1.0,
        batch_size=100,
        num_epochs=10,
        num_train_samples=1000,
        num_val_samples=None,
        print_every=10,
        verbose=True,
        **unknown,
    ):
        """Keep the settings; refuse one that does not exist.

        data is a dict with X_train, y_train, X_val and y_val. update_rule names
        a function rule(w, dw, config) -> (next_w, config), yours or the book's;
        every parameter gets a config of its own, a copy of optim_config.

        A ValueError names an unknown setting or rule.
        """
        raise NotImplementedError

    def check_accuracy(self, X, y, num_samples=None, batch_size=100):
        """Give the share of examples whose highest score is that of the right class.

        Args:
            X: examples, shape (N, d1, ..., dk); y: the right classes, shape (N,).
            num_samples: measure on that many of them only; None for all.
            batch_size: how many are given to the net at once.
        """
        raise NotImplementedError

    def train(self):
        """Train for num_epochs epochs of N // batch_size steps (one at least).

        loss_history gets the loss of each step, train_acc_history and
        val_acc_history an accuracy at the start and after each epoch, when the
        learning rates are multiplied by lr_decay, too. best_val_acc and
        best_params are those of the best validation accuracy; the net has
        these parameters in the end.
        """
        raise NotImplementedError
''',
    hints=(
        "Write one step first: draw rows, ask the net for loss and gradients, then call the rule "
        "once for each parameter, with that parameter's own config. The loop comes after it.",
        "eq-gradient-descent-minibatch for the rows, eq-solver-decay for the rate; a copy of the "
        "best parameters, since the net goes on changing its own.",
    ),
)

clipped_sgd = Exercise(
    "clipped_sgd",
    chapter="solver",
    statement="a step whose gradient is shortened where it is too long",
    minutes=10,
    file="optim.py",
    after=("sgd",),
    variation=True,
    stub='''\
def clipped_sgd(w, dw, config=None):
    """Take one step of gradient descent with the gradient's norm clipped.

    The norm of dw is the square root of the sum of its squared entries.
    Where it is above max_norm, dw is scaled to have the norm max_norm;
    elsewhere dw stays what it is. The step is w - learning_rate * that.

    Args:
        w: the parameter, any shape.
        dw: gradient of the loss with respect to w, the same shape.
        config: a dict with learning_rate (1e-2 where it is missing) and
            max_norm (1.0 where it is missing).

    Returns:
        (next_w, config): the parameter after the step, and the dict,
        which now holds both numbers that were used.
    """
    raise NotImplementedError
''',
    hints=(
        "All entries are scaled by the same number, so that the direction stays. Which number is "
        "it, and when is it 1?",
        "eq-solver-clipped: dw times the smaller of 1 and max_norm / norm. A gradient of zeros "
        "has the norm 0.",
    ),
)
