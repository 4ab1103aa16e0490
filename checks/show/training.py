"""The sentences about nets at their start and about runs of a Solver."""

from __future__ import annotations

from collections.abc import Callable

from checks.show.numbers import listed, number, pair
from checks.show.problems import Detail


def _keys(d: Detail) -> list[str]:
    got = f"it has {listed([repr(key) for key in d['got']])}" if d["got"] else "it is empty"
    if d["missing"]:
        return [f"{d['name']} has no {listed([repr(key) for key in d['missing']])}; {got}."]
    extra = listed([repr(key) for key in d["extra"]])
    if d["name"] == "grads":
        return [f"grads holds {extra}, and params holds nothing of that name."]
    return [
        f"{d['name']} holds {extra} besides {listed(list(d['asked']))}.",
        "A Solver takes a step with everything in params, and loss gives no gradient for that.",
    ]


def _kept(d: Detail) -> list[str]:
    if d["name"] == "scores":
        return [
            f"With parameters of dtype {d['asked']} the scores are of dtype {d['dtype']}.",
            "loss casts X to the net's dtype first, whatever it comes in.",
        ]
    return [f"{d['name']} is of dtype {d['dtype']}; asked for was {d['asked']}."]


def _needs(d: Detail) -> list[str]:
    where = f" ({d['where']})" if d["where"] else ""
    return [f"{d['function']} calls {d['needs']}, which is still a stub{where}."]


# Draws


def _spread(d: Detail) -> list[str]:
    mine, right = pair(d["yours"], d["right"])
    return [
        f"The {d['count']} numbers of {d['name']} have the standard deviation {mine}; "
        f"weight_scale was {right}."
    ]


def _drawn(d: Detail) -> list[str]:
    name = d["name"]
    if d["what"] == "bias":
        return [f"{name} is not zero at the start: it holds numbers up to {number(d['yours'])}."]
    if d["what"] == "mean":
        mine, scale = number(d["yours"]), number(d["right"])
        return [f"The mean of {name} is {mine}; with weight_scale = {scale} it is near 0."]
    if d["what"] == "alike":
        return [f"{name} holds the same numbers as {d['as']}: each is to be drawn for itself."]
    return [
        f"The numbers of {name} have the right spread, but not the form of a normal distribution.",
        "Uniform ones have another: their sizes are too even.",
    ]


# What a run does


def _refused_setting(d: Detail) -> list[str]:
    what = "the update_rule" if d["rule"] else "the setting"
    if "error" not in d:
        return [f"Solver accepted {what} {d['what']!r}; asked for is a ValueError that names it."]
    return [
        f"Solver refused {what} {d['what']!r} with {d['error']}: {d['message'] or 'no message'}.",
        "Asked for is a message that names it.",
    ]


def _learns(d: Detail) -> list[str]:
    before, after = pair(d["before"], d["after"])
    if not d["steps"]:
        return ["train() never asked the net for a loss and gradients."]
    return [
        f"On a small problem the loss began at {before} and is {after} after {d['steps']} steps.",
        "It can be learned: right code is below half of the first loss by then.",
    ]


def _length(d: Detail) -> list[str]:
    if d["name"] == "steps":
        return [f"train() took {d['got']} steps; asked for are {d['asked']}: {d['why']}."]
    return [f"{d['name']} has {d['got']} entries; asked for are {d['asked']}: {d['why']}."]


def _attribute(d: Detail) -> list[str]:
    if "type" not in d:
        return [f"After train() the Solver has no {d['name']}."]
    if d.get("entries"):
        return [f"{d['name']} holds entries of type {d['type']}; asked for are numbers."]
    return [f"{d['name']} is of type {d['type']}; asked for is a list, {d['why']}."]


def _minibatch(d: Detail) -> list[str]:
    what = d["what"]
    if what == "none":
        return ["train() never asked the net for a loss and gradients."]
    at = f"In step {d['step']}"
    if what == "outside" and d["held_out"]:
        return [f"{at} the minibatch holds validation examples: nothing is learned from these."]
    if what == "outside":
        return [f"{at} the minibatch holds examples that are not rows of X_train."]
    if what == "size":
        return [f"{at} the minibatch holds {d['got']} examples; batch_size is {d['batch_size']}."]
    if what == "changed":
        return [f"{at} the examples are not what they are in X_train: something changed them."]
    return [
        f"{at} {d['wrong']} of {d['batch_size']} examples come with the label of another one,",
        f"such as row {d['row']}: X and y need the same rows.",
    ]


def _afresh(d: Detail) -> list[str]:
    if not d["steps"]:
        return ["train() never asked the net for a loss and gradients."]
    if d["batches"] == 1:
        return [f"All {d['steps']} minibatches hold the same examples."]
    if d["batches"] <= d["per_epoch"]:
        return [f"Each epoch goes through the same {d['batches']} minibatches."]
    return [
        f"In {d['steps']} minibatches only {d['seen']} of {d['N']} training examples were seen."
    ]


def _rate(d: Detail) -> list[str]:
    mine, right = d["yours"], number(d["right"])
    of = f"Step {d['step']}, in epoch {d['epoch']},"
    if mine != mine:
        return [f"{of} moves {d['name']} along something else than its gradient."]
    lines = [f"{of} moves {d['name']} at the rate {number(mine)}; right is {right}."]
    if d["times"] is not None:
        lines.append(f"The rate was lowered {_count(d['times'])} by then, not {d['epoch'] - 1}.")
    return lines


def _count(times: int) -> str:
    return f"{times} time{'' if times == 1 else 's'}"


def _own_config(d: Detail) -> list[str]:
    if d["what"] == "dropped":
        return [
            "A rule that counts its calls in config is at 1 in every step:",
            "the config that it gives back is not handed to it the next time.",
        ]
    return [
        "A rule that counts its calls in config counts those for W and for b together:",
        "the parameters have one config, and each needs its own.",
    ]


# What a run leaves behind


def _accuracy(d: Detail) -> list[str]:
    mine, right = pair(d["yours"], d["right"])
    which = {"train": "training", "val": "validation"}[d["split"]]
    hits = f"{d['hits']} of {d['count']} {which} examples were right"
    lines = [f"{d['name']} is {mine}; right is {right}."]
    lines.append(f"At {d['at']} {hits}." if d["at"] else f"{hits[0].upper()}{hits[1:]}.")
    if d.get("crossed"):
        other = {"train": "validation", "val": "training"}[d["split"]]
        lines.append(f"It is the accuracy on the {other} data.")
    return lines


def _looked(d: Detail) -> list[str]:
    given = f"num_samples = {d.get('samples')}, batch_size = {d['batch_size']}"
    if d["what"] == "batch":
        most = f"{d['most']} examples at once"
        return [f"check_accuracy gave the net {most}; batch_size was {d['batch_size']}."]
    return [
        f"check_accuracy asked the net about {d['count']} examples; asked for are {d['asked']},",
        f"of {d['N']} with {given}.",
    ]


def _best(d: Detail) -> list[str]:
    when = f"after epoch {d['epoch']}" if d["epoch"] else "at the start"
    mine = "no number" if d["yours"] is None else number(d["yours"])
    how = " (with a rule that works in place)" if d["in_place"] else ""
    return [
        f"The best validation accuracy, {number(d['accuracy'])}, was that {when}{how}.",
        f"The net's params {_found(d['params'])}; best_params {_found(d['best_params'])}; "
        f"best_val_acc is {mine}.",
    ]


def _found(what: object) -> str:
    known = {
        "right": "are right",
        "none": "hold nothing",
        "last": "are those of the last step",
        "other": "are none that the net has had",
    }
    return known.get(str(what), f"are those after step {what}")


def _lost(d: Detail) -> list[str]:
    return [
        "In a run in which no validation example was ever right, the net lost its parameters:",
        "params holds no W and b any more after train().",
    ]


SENTENCES: dict[str, Callable[[Detail], list[str]]] = {
    "keys": _keys,
    "kept": _kept,
    "needs": _needs,
    "spread": _spread,
    "drawn": _drawn,
    "refused_setting": _refused_setting,
    "learns": _learns,
    "length": _length,
    "attribute": _attribute,
    "minibatch": _minibatch,
    "afresh": _afresh,
    "rate": _rate,
    "own_config": _own_config,
    "accuracy": _accuracy,
    "looked": _looked,
    "best": _best,
    "lost": _lost,
}
