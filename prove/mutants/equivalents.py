"""Mutants that no check rejects, with the reason why none has to.

Three classes. "equivalent" gives the same results whatever it is given: ``banks`` looks
whether it does. "contract" is other code that is right as well. "not asked" changes what
only the book's own code has and no exercise asks for; the tests of the project look at that.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

EQUIVALENT, CONTRACT, NOT_ASKED = "equivalent", "contract", "not asked"
CLASSES = (EQUIVALENT, CONTRACT, NOT_ASKED)


@dataclass(frozen=True)
class Reason:
    """Why some mutants may live.

    Args:
        kind: one of ``CLASSES``.
        functions: the names that it is about, as a pattern for the whole name.
        change: a pattern that is found in "old -> new".
        why: in a sentence.
    """

    kind: str
    functions: str
    change: str
    why: str

    def fits(self, function: str, change: str) -> bool:
        """Whether a mutant is one of these."""
        named = re.fullmatch(self.functions, function)
        return bool(named and re.search(self.change, change))


RULES = "sgd|sgd_momentum|rmsprop|adam"
NETS = "TwoLayerNet|FullyConnectedNet"

REASONS = (
    # layers and losses
    Reason(EQUIVALENT, "affine_.*", r"reshape\(len\(x\), -2\)$",
           "NumPy takes any negative size for the one that it works out."),
    Reason(NOT_ASKED, "affine_backward", r"-> .* if True else None$",
           "The keyword need_dx is ours alone; with this, dx is there and nobody reads it."),
    Reason(EQUIVALENT, "relu_forward", r"-> out = np\.maximum\(0, x\)$",
           "The larger of two numbers does not depend on their order."),
    Reason(EQUIVALENT, "svm_loss", r"-> missing = np\.maximum\(x .* \+ 1, 0\)$",
           "The larger of two numbers does not depend on their order."),
    Reason(EQUIVALENT, "svm_loss", r"len\((missing|wanted)\)\)?$|missing\.dtype\)$",
           "x, missing and wanted have one length and one dtype."),
    Reason(EQUIVALENT, "softmax_loss", r"out=(z|p)\)",
           "What is written over is not read again."),
    Reason(CONTRACT, "softmax_loss", r"-> z = x - x\.max\(keepdims=True\)$",
           "One shift for the whole batch is as stable where rows are of one height; "
           "how far apart rows may be is left open."),
    Reason(CONTRACT, "relu_forward", r"-> return \(out, out\)$",
           "A cache holds what its backward pass needs, and the sign of out is enough."),
    Reason(CONTRACT, "affine_relu_forward", r"-> return \(out, \(affine_cache, (a|out)\)\)$",
           "A cache holds what its backward pass needs: a and out have one sign where it counts."),
    Reason(CONTRACT, "relu_backward", r"cache >= 0",
           "At 0 every share of dout is a subgradient."),
    Reason(CONTRACT, "relu_backward", r"out=dout",
           "dout may be used up; the reader is told so in a remark."),
    # numeric gradients
    Reason(CONTRACT, "numeric_gradient", r"h=2e-05",
           "Any small step measures the slope; only the step that is passed is held to."),
    Reason(CONTRACT, "numeric_gradient", r"-> if False:$",
           "Whole numbers may be refused or measured as floats; this measures them."),
    Reason(EQUIVALENT, "numeric_gradient", r"-> down, up = ",
           "Both are fresh copies of the same array."),
    Reason(EQUIVALENT, "rel_error", r"-> (b, a = |a, b = \(np\.asarray\(b)",
           "The distance is the same in both directions."),
    Reason(EQUIVALENT, "rel_error", r"-> return 0\.0 if gap == 0 ",
           "Where the gap is 0, the quotient is 0 as well, or 0 / 0."),
    # rules
    Reason(CONTRACT, RULES, r"out=(w|m|v|c)\)",
           "A rule may write into the parameter that it gives back, and into its own memory."),
    Reason(EQUIVALENT, "adam", r"out=(m_hat|v_hat)\)",
           "What is written over is not read again."),
    Reason(CONTRACT, RULES, r"zeros_like\(dw\)",
           "The memory has the shape of w and of dw; in which precision it begins is left open."),
    Reason(CONTRACT, "adam", r"'t': 1\}",
           "A course's own starter counts from 1; the reader is told so in a remark."),
    # nets
    Reason(NOT_ASKED, NETS, r"^(check_sizes|check_batch)\(|^if (dropout_keep|normal)|^wanted = ",
           "What is refused, and in which words, is ours alone: students' nets need not."),
    Reason(EQUIVALENT, "TwoLayerNet", r"^(W1|W2|params) = .*(input_dim|hidden_dim|num_classes)",
           "D, H and C are other names for the same three numbers."),
    Reason(EQUIVALENT, NETS, r"copy=True",
           "A copy that nobody needs holds the same numbers."),
    Reason(EQUIVALENT, NETS, r"need_dx=(True|l >= 1|l > 0)\)$",
           "The gradient with respect to the images is computed and thrown away."),
    Reason(EQUIVALENT, "FullyConnectedNet", r"out=dW\)",
           "What is written over is not read again."),
    Reason(NOT_ASKED, "TwoLayerNet", r"-> X = X$|-> self\.params = \{name: value for ",
           "The keyword dtype of this net is ours alone."),
    # Solver: what it says and keeps
    Reason(NOT_ASKED, "Solver",
           r"^(progress|total|t, loss|self\.print_every)\b|^if t %|print_every=(11|9),|verbose=F",
           "What is printed, and how often, is left open."),
    Reason(NOT_ASKED, "Solver", r"^check_sizes\(|^known = |^if name not in (known|data)|callable",
           "What else is refused, in which words, and a rule that is a function are ours alone."),
    Reason(NOT_ASKED, "Solver", r"^if examples|^(examples, labels) = |^for X, y in ",
           "That data of two lengths are refused is ours alone."),
    Reason(NOT_ASKED, "Solver", r"checkpoint_name|self\.save\(\)|_check_place",
           "Checkpoints are ours alone."),
    Reason(NOT_ASKED, "Solver", r"^if not self\.val_acc_history",
           "A second call of train() that goes on is ours alone."),
    Reason(NOT_ASKED, "Solver", r"^there = ",
           "A message has to name what does not exist; the rest of its words is left open."),
    Reason(CONTRACT, "Solver", r"^if rule not in RULES: -> if False:$",
           "The KeyError that follows names the rule as well."),
    # Solver: what it does
    Reason(EQUIVALENT, "Solver", r"-> self\.update_rule, .* \(update_rule, optim_config or \{\}\)$",
           "Each parameter's config is a copy of it later on."),
    Reason(EQUIVALENT, "Solver", r"_history = \(\[\], \[\], \[\]\)$",
           "Three empty lists in another order are three empty lists."),
    Reason(EQUIVALENT, "Solver", r"num_samples <= len\(X\)",
           "All examples in another order have the same share of hits."),
    Reason(EQUIVALENT, "Solver", r"max\(1, len\(",
           "The larger of two numbers does not depend on their order."),
    Reason(EQUIVALENT, "Solver", r"^if self\.lr_decay != 1: -> if True:$",
           "A rate that is multiplied by 1 stays what it is."),
    Reason(EQUIVALENT, "Solver", r"^_, known = RULES",
           "Only the keys of the config are read."),
    Reason(CONTRACT, "Solver", r"default_rng\(1\)|replace=True",
           "Which examples an accuracy is measured on is left open; the course draws with return."),
    Reason(CONTRACT, "Solver", r"batch_size=(101|99)\):$",
           "How many examples go through the net at once changes no accuracy."),
    Reason(CONTRACT, "Solver", r"^if val >= ",
           "Of two equal accuracies either may count as the best."),
    Reason(CONTRACT, "Solver", r"lr_decay != 0:$",
           "A decay of 0 would end the learning after one epoch; what it does is left open."),
    Reason(CONTRACT, "Solver", r"name: w for name, w in self\.best_params",
           "Once the run is over, the net and best_params may share their arrays."),
)  # fmt: skip


def reason_for(function: str, change: str) -> Reason | None:
    """Why a mutant may live; None where nothing says so.

    Args:
        function: the name that was changed.
        change: the line before and after, as "old -> new".
    """
    return next((one for one in REASONS if one.fits(function, change)), None)
