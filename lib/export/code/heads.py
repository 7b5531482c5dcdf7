"""The cells that fit a linear head to frozen features by scikit-learn: what a quick model is."""

from __future__ import annotations

from lib.export.code import nets, opened, parts
from lib.export.code.cells import Cell, of
from lib.export.code.facts import Facts, stats
from lib.tasks.code.base import LABELS, Lines, literal
from lib.tasks.learning import CLASSES, SHAPE, VALUES
from lib.tasks.learning import LABELS as SEVERAL

_FEATURES_WHY = (
    "What the network sees: it stays as it was pretrained, so each picture goes through it once. Of each channel of "
    "its last map there are the means and the largest value."
)
_ROTATE = """\
def rotated(x):
    "Mean and spread of features (n, D), the directions in which they differ, and the features in these."
    center, spread = x.mean(0), x.std(0)
    spread = np.maximum(spread, 0.1 * np.sqrt((spread**2).mean()))  # a channel that hardly moves must not decide alone
    left, lengths, directions = np.linalg.svd((x - center) / spread, full_matrices=False)
    kept = lengths > 1e-6 * lengths[0] * math.sqrt(max(x.shape))
    return center, spread, directions[kept], (left * lengths)[:, kept]


x = features["train"].astype(np.float64)
center, spread, directions, z = rotated(x)


def unfold(coef, intercept):
    "Weights (C, D) and bias (C,) for features as they are, from those for z."
    weight = coef @ directions / spread
    return weight, intercept - weight @ center"""
_ROTATE_WHY = (
    "Features are standardized, and turned into the directions in which the images differ: an L2 penalty does not "
    "notice the turn, and the fits take a fraction of the time."
)
_FOLDS = """\
def folds(groups, count=5):
    "Masks of what is held out: a group is never divided, and the folds are of like size."
    _, member, counts = np.unique(groups, return_inverse=True, return_counts=True)
    order = np.random.default_rng({seed}).permutation(len(counts))
    of_group, filled = np.zeros(len(counts), int), np.zeros(min(count, len(counts)), int)
    for group in order[np.argsort(-counts[order], kind="stable")]:
        of_group[group] = filled.argmin()
        filled[of_group[group]] += counts[group]
    return [of_group[member] == fold for fold in range(len(filled))]


held_out = folds({labels}.loc[{labels}["split"] == "train", "group"].to_numpy())


def best(penalties, losses):
    "The penalty with the smallest mean loss of held-out images; weaker ones are tried until three were worse."
    scores = []
    for penalty in penalties:
        total, count = np.sum([losses(~mask, mask, penalty) for mask in held_out], axis=0)
        scores.append(total / count if count else np.inf)
        if len(scores) - 1 - np.argmin(scores) >= 3:
            break
    return penalties[int(np.argmin(scores))], min(scores)"""
_FOLDS_WHY = (
    "How strong the penalty has to be is tried by cross-validation inside the training images, strongest first."
)
_FITTED = """\
def fitted(x, y, penalty):
    "The mean loss of an image plus penalty / 2 times the sum of squared weights."
    return LogisticRegression(C=1 / (penalty * len(y)), tol=1e-10, max_iter=10_000).fit(x, y)


"""
_SEVERAL = """\
{penalties}
train = truth[({labels}["split"] == "train").to_numpy()]
head_weight, head_bias = np.zeros((len(VOCAB), x.shape[1])), np.zeros(len(VOCAB))
for c in range(len(VOCAB)):
    known, y = ~np.isnan(train[:, c]), train[:, c] == 1
    counts = (y & known).sum(), (~y & known).sum()
    head_bias[c] = np.log((counts[0] + 0.5) / (counts[1] + 0.5))
    if min(counts) < 2:
        continue  # too few to learn from: its share alone
{tried}
    model = fitted(z[known], y[known], {penalty})
    head_weight[c], head_bias[c] = unfold(model.coef_[0], model.intercept_[0])"""
_CLASSES = """\
def of_each_class(model):
    "Weights and bias a class; scikit-learn has one row for two classes."
    coef, intercept = model.coef_, model.intercept_
    if len(coef) == 1:
        coef, intercept = np.stack([-coef[0], coef[0]]) / 2, np.stack([-intercept[0], intercept[0]]) / 2
    return unfold(coef, intercept)


{tried}y = {labels}.loc[{labels}["split"] == "train", "label"].map(VOCAB.index).to_numpy()
{penalties}
model = fitted(z, y, {penalty})
head_weight, head_bias = np.zeros((len(VOCAB), x.shape[1])), np.zeros(len(VOCAB))
head_weight[model.classes_], head_bias[model.classes_] = of_each_class(model)
missing = np.setdiff1d(np.arange(len(VOCAB)), y)  # as improbable as half an image would make them
acts = x @ head_weight[model.classes_].T + head_bias[model.classes_]
head_bias[missing] = np.median(acts.max(axis=1)) - np.log(2 * len(y))"""
_RIDGE = """\
PENALTIES = 10.0 ** np.arange(5.0, -3.1, -0.5)


def ridge(z, y):
    "Least squares with the best penalty; the mean where no penalty beats it."
    def fitted(fit, penalty): return Ridge(alpha=penalty * fit.sum(), solver="cholesky").fit(z[fit], y[fit])
    def losses(fit, held, penalty): return ((fitted(fit, penalty).predict(z[held]) - y[held]) ** 2).sum(), held.sum()
    def of_mean(fit, held, _): return ((y[fit].mean() - y[held]) ** 2).sum(), held.sum()

    (penalty, error), (_, without) = best(PENALTIES, losses), best([np.inf], of_mean)
    if error >= without:
        return np.zeros(z.shape[1]), y.mean(), y.var()
    model = fitted(np.ones(len(y), bool), penalty)
    return model.coef_, model.intercept_, error"""
_VALUES_KNOWN = """\
{penalties}
y = ((truth.astype(np.float64) - mean) / std)[({labels}["split"] == "train").to_numpy()]
head_weight, head_bias = np.zeros((len(VALUES), x.shape[1])), y.mean(0)  # the mean, where no penalty beat it
for c, penalty in enumerate(PENALTIES):
    if penalty is not None:
        model = Ridge(alpha=penalty * len(y), solver="cholesky").fit(z, y[:, c])
        head_weight[c], head_bias[c] = unfold(model.coef_, model.intercept_)"""
_VALUES = f"""\
{_RIDGE}


y = ((truth.astype(np.float64) - mean) / std)[({{labels}}["split"] == "train").to_numpy()]
fits = [ridge(z, column)[:2] for column in y.T]
head_weight, head_bias = unfold(np.stack([coef for coef, _ in fits]), np.array([one for _, one in fits]))"""
_SHAPE = f"""\
{_RIDGE}


shapes = (truth.astype(np.float64) * 2 / sizes - 1)[({{labels}}["split"] == "train").to_numpy()]
shapes = shapes.reshape(len(shapes), -1)
{{filled}}mean_shape = shapes.mean(0)
_, length, components = np.linalg.svd(shapes - mean_shape, full_matrices=False)
components = components[length**2 > 1e-5 * (length**2).sum()]
scores = (shapes - mean_shape) @ components.T


def with_features(used):
    "Weights, bias and squared error of a head on some columns of the features."
    global x, center, spread, directions, z
    x = used(features["train"].astype(np.float64))
    center, spread, directions, z = rotated(x)
    fits = [ridge(z, column) for column in scores.T]
    weight, bias = unfold(np.stack([coef for coef, _, _ in fits]), np.array([one for _, one, _ in fits]))
    return components.T @ weight, mean_shape + bias @ components, sum(error for _, _, error in fits)


def of_whole_picture(x):
    "The mean of each channel over all cells in place of one a cell."
    n = x.shape[1] // 17
    return np.concatenate([x[:, : 16 * n].reshape(len(x), n, 16).mean(2), x[:, 16 * n :]], axis=1)


head_weight, head_bias, error = with_features(of_whole_picture)
n = head_weight.shape[1] // 2
of_cells = np.repeat(head_weight[:, :n] / 16, 16, axis=1)  # the same, written for cells
head_weight = np.concatenate([of_cells, head_weight[:, n:]], axis=1)
of_cells = with_features(lambda x: x)
if of_cells[2] < error:
    head_weight, head_bias, _ = of_cells"""
_FILLED = "shapes = np.where(np.isnan(shapes), np.nanmean(shapes, 0), shapes)  # a missing point is put at its mean\n"
_GRID = "PENALTIES = 10.0 ** np.arange(2.5, -4.1, -0.5)"
_TRIED_LABEL = """
    def losses(fit, held, penalty):
        fit, held = fit & known, held & known
        if len(set(y[fit])) < 2 or not held.any():
            return 0.0, 0
        log_probs = fitted(z[fit], y[fit], penalty).predict_log_proba(z[held])
        return -log_probs[np.arange(held.sum()), y[held].astype(int)].sum(), held.sum()
"""
_TRIED_CLASSES = """\
def losses(fit, held, penalty):
    model = fitted(z[fit], y[fit], penalty)
    held = held & np.isin(y, model.classes_)
    log_probs = model.predict_log_proba(z[held])
    return -log_probs[np.arange(held.sum()), np.searchsorted(model.classes_, y[held])].sum(), held.sum()


"""
_HEADS = {SEVERAL: _FITTED + _SEVERAL, CLASSES: _FITTED + _CLASSES, VALUES: _VALUES, SHAPE: _SHAPE}
_HEAD_WHY = {
    SEVERAL: "The head: a logistic model a label, each with a penalty of its own.",
    CLASSES: "The head: one softmax model of all classes.",
    VALUES: "The head: least squares with a penalty a value.",
    SHAPE: "The head: least squares of the principal components of the training shapes, on whole pictures or on the "
    "cells of a grid, whichever errs less.",
}


def cells(facts: Facts) -> list[Cell]:
    """Return the cells that give ``features`` by split, and the head's ``head_weight`` and ``head_bias``."""
    return [*_features(facts), *_head(facts)]


def _features(facts: Facts) -> list[Cell]:
    """Return the cells that give ``features``, by split."""
    code = (
        f"body = body.eval().to(memory_format=torch.channels_last)\npool = Pool({facts.task.pool_grid})\n"
        f"MEAN, STD = (torch.tensor(one).view(1, 3, 1, 1) for one in {stats(facts)})\n\n\n"
        "@torch.inference_mode()\n"
        "def seen(rows):\n"
        '    "What the body sees of pictures, pooled, shape (n, D)."\n'
        "    pooled = []\n"
        "    for at in range(0, len(rows), 32):\n"
        "        few = [np.asarray(squished(row)) for _, row in rows[at : at + 32].iterrows()]\n"
        "        pixels = torch.tensor(np.stack(few)).permute(0, 3, 1, 2).float()\n"
        "        pooled.append(pool(body((pixels / 255 - MEAN) / STD).contiguous()))\n"
        "    return torch.cat(pooled).numpy()\n\n\n"
        f"features = {{split: seen(rows) for split, rows in {LABELS}.groupby('split')}}"
    )
    network = Lines(f"{nets.body(facts.config).rstrip()}", _FEATURES_WHY)
    return of(
        "Frozen features",
        opened.squished(facts.needs, facts.dataset.value_range),
        Lines(parts.POOL),
        network,
        Lines(code),
    )


def _head(facts: Facts) -> list[Cell]:
    """Return the cells that give ``head_weight`` and ``head_bias``."""
    kind, chosen = facts.task.linear_fit, _penalties(facts)
    model = "Ridge" if kind in (VALUES, SHAPE) else "LogisticRegression"
    fit = _VALUES_KNOWN if kind == VALUES and chosen else _HEADS[kind]
    tried = "" if chosen else {SEVERAL: _TRIED_LABEL, CLASSES: _TRIED_CLASSES}.get(kind, "")
    penalty = "best(PENALTIES, losses)[0]"
    if chosen:
        penalty = "PENALTIES[c]" if kind == SEVERAL else "PENALTIES[0]"
    parts_of_fit = {
        "labels": LABELS,
        "filled": _FILLED if facts.task.has_unknown(facts.dataset.targs) else "",
        "penalties": f"{literal('PENALTIES', chosen)}  # {_CHOSEN}" if chosen else _GRID,
        "tried": tried,
        "penalty": penalty,
    }
    for name, code in parts_of_fit.items():
        fit = fit.replace(f"{{{name}}}", code)
    folds = _FOLDS.replace("{labels}", LABELS).replace("{seed}", str(facts.config.seed))
    return of(
        "Head",
        Lines(f"from sklearn.linear_model import {model}"),
        Lines(_ROTATE, _ROTATE_WHY),
        None if chosen else Lines(folds, _FOLDS_WHY),
        Lines(fit, _HEAD_WHY[kind]),
    )


_CHOSEN = "as cross-validation inside the training images chose them in the run"


def _penalties(facts: Facts) -> list[float | None]:
    """Return the penalty of each label or value, or the one of all classes, as the run recorded them; [] if not."""
    kind, path = facts.task.linear_fit, facts.result.get("path")
    if path is None or kind == SHAPE:
        return []
    by_name = {part["name"]: part["penalty"] for part in path["parts"]}
    return list(by_name.values()) if kind == CLASSES else [by_name.get(name) for name in facts.dataset.names]
