"""The few lines behind the panels of points and of numbers, on a run's own predictions."""

from __future__ import annotations

from lib.tasks.code import panels
from lib.tasks.code.base import literal
from lib.tasks.code.panels import Asked

_OFF = "off = np.sqrt(((preds.astype(float) - targs) ** 2).sum(axis=-1))  # (N, K), pixels; NaN: missing\n"


def _normed(asked: Asked) -> str:
    """Return the lines that divide ``off`` as the page does."""
    if asked.norm == "px":
        return _OFF
    lines = {
        "diagonal": f'length = np.linalg.norm(run["{asked.split}.sizes"], axis=1)\n',
        "box": "spans = np.nanmax(targs, axis=1) - np.nanmin(targs, axis=1)\n"
        "length = np.sqrt(spans.astype(float).prod(axis=1))\n",
    }.get(asked.norm, "")
    if not lines:
        one, other = asked.norm.partition(":")[2].split(",")
        lines = f"length = np.linalg.norm(targs[:, {int(one)}].astype(float) - targs[:, {int(other)}], axis=1)\n"
    return f"{_OFF}{lines}off = 100 * off / np.where(length > 0, length, np.nan)[:, None]  # %\n"


def of_points(panel: str, asked: Asked) -> str:
    """Return the lines for points, "" where there are none."""
    if panel == panels.METRICS:
        return (
            panels.reading(asked)
            + _OFF
            + f"""\
error_px = np.nanmean(off)
relative = off / np.linalg.norm(run["{asked.split}.sizes"], axis=1)[:, None]  # of the picture's diagonal
error_diag = 100 * np.nanmean(relative)  # %
pck_05 = (relative <= 0.05).sum() / (~np.isnan(off)).sum()
print(error_px, error_diag, pck_05)"""
        )
    if panel == panels.PER_NAME:
        return (
            panels.reading(asked, panels.PANDAS)
            + literal("names", list(asked.names))
            + "\n"
            + _normed(asked)
            + """\
table = pd.DataFrame({
    "mean": np.nanmean(off, axis=0), "median": np.nanmedian(off, axis=0),
    "90th percentile": np.nanpercentile(off, 90, axis=0), "largest": np.nanmax(off, axis=0),
}, index=names)
print(table.sort_values("mean", ascending=False).round(3))"""
        )
    if panel == panels.CURVE:
        chosen = "" if asked.label is None else f"off = off[:, [{asked.label}]]  # {panels.named(asked)}\n"
        return (
            panels.reading(asked, "import matplotlib.pyplot as plt")
            + _normed(asked)
            + chosen
            + """\
known = off[~np.isnan(off)]
limits = np.linspace(0, 3 * np.median(known), 201)
pck = [(known <= limit).mean() for limit in limits]  # percentage of correct keypoints
plt.plot(limits, pck)
plt.show()"""
        )
    if panel == panels.SWAPS:
        return _swaps(asked)
    if panel == panels.COMPARISON:
        return _comparison(asked, f"{_normed(asked)}    return off", "each point", "")
    if panel == panels.SLICES:
        return _slices(asked)
    return ""


def of_values(panel: str, asked: Asked) -> str:
    """Return the lines for numbers, "" where there are none."""
    if panel == panels.METRICS:
        return (
            panels.reading(asked, "from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error")
            + """\
preds = preds.astype(float)
mae = mean_absolute_error(targs, preds)
rmse = root_mean_squared_error(targs, preds)
r2 = r2_score(targs, preds)
print(mae, rmse, r2)"""
        )
    if panel == panels.CURVE:
        return (
            panels.reading(asked, "import matplotlib.pyplot as plt")
            + f"""\
d = {asked.label or 0}  # {panels.named(asked)}
left = preds[:, d].astype(float) - targs[:, d]  # predicted minus true
bias, mae = left.mean(), np.abs(left).mean()
plt.scatter(preds[:, d], left)
plt.show()"""
        )
    if panel == panels.COMPARISON:
        column = f"[:, [{asked.label or 0}]]"
        off = f"off = np.abs(preds.astype(float) - targs){column}  # {panels.named(asked)}\n"
        return _comparison(asked, f"{off}    return off", "this value", column)
    return ""


_BOX = "low, high = np.nanmin(targs, axis=1).astype(float), np.nanmax(targs, axis=1)  # of the points' box\n"
_MEASURED = {
    "place": "middle = (low + high) / 2 - sizes / 2  # seen from that of the image\n"
    "values = 100 * np.linalg.norm(middle, axis=1) / np.linalg.norm(sizes, axis=1)  # % of the diagonal\n",
    "size": "area = (high - low).prod(axis=1)\n"
    "values = 100 * np.sqrt(np.where(area > 0, area, np.nan)) / np.linalg.norm(sizes, axis=1)  # % of the diagonal\n",
}


def _slices(asked: Asked) -> str:
    """Return the lines for slices by what is measured on the true points."""
    if asked.more["way"] not in _MEASURED:
        return ""
    of_point = "" if asked.label is None else f"off = off[:, [{asked.label}]]  # {panels.named(asked)}\n"
    return (
        panels.reading(asked, panels.PANDAS)
        + _normed(asked)
        + of_point
        + f'sizes = run["{asked.split}.sizes"].astype(float)\n'
        + _BOX
        + _MEASURED[asked.more["way"]]
        + panels.QUARTERS
        + """\
parts = {one: off[part == one] for one in np.unique(part)}
table = pd.DataFrame({
    "images": {one: (~np.isnan(values)).any(axis=1).sum() for one, values in parts.items()},
    "mean error": {one: np.nanmean(values) for one, values in parts.items()},
})
print(np.nanmean(off), table, sep="\\n")"""
    )


def _swaps(asked: Asked) -> str:
    """Return the lines that find swapped pairs and what they cost."""
    scale = "1" if asked.norm == "px" else "100 / np.where(length > 0, length, np.nan)[:, None]  # %"
    labels = (
        f"{literal('in_labels', asked.more['labels'])}  # (image, pair): against the mean shape, see Checks\n"
        "for row, pair in in_labels:\n"
        "    right_targs[row, pairs[pair]] = targs[row, pairs[pair][::-1]]\n"
        if asked.more["labels"]
        else ""
    )
    return (
        panels.reading(asked)
        + f"{literal('pairs', [list(pair) for pair in asked.more['pairs']])}  # left and right\n"
        + _normed(asked)
        + f"scale = {scale}\nright_targs, right_preds = targs.copy(), preds.copy()\n"
        + labels
        + f"""\
left, right = np.array(pairs).T


def apart(some, others): return np.linalg.norm(some.astype(float) - others, axis=-1)


before = apart(preds[:, left], right_targs[:, left]) + apart(preds[:, right], right_targs[:, right])
after = apart(preds[:, right], right_targs[:, left]) + apart(preds[:, left], right_targs[:, right])
diagonal = np.linalg.norm(run["{asked.split}.sizes"], axis=1)[:, None]
usual = np.nanmedian(apart(right_targs[:, left], right_targs[:, right]) / diagonal, axis=0)
swapped = (after < 0.5 * before) & (before > 0.5 * usual * diagonal)  # (N, pairs)
for row, pair in np.argwhere(swapped):
    right_preds[row, pairs[pair]] = preds[row, pairs[pair][::-1]]
error = np.nanmean(off), np.nanmean(scale * apart(right_preds, right_targs))  # as it is, and put right
print(swapped.any(axis=1).sum(), swapped.sum(axis=0), error)"""
    )


def _comparison(asked: Asked, errors: str, each: str, column: str) -> str:
    """Return the lines that compare the errors of two runs of one dataset; ``errors`` leaves those of one, (N, K)."""
    split, reading = asked.split, panels.reading(asked)
    body = errors.replace("\n", "\n    ").replace("        return", "    return").replace('run["', 'one["')
    return (
        f"{reading}{literal('other', asked.more['other']).replace('other = ', 'other = load_file(', 1)})\n\n\n"
        "def errors(one):\n"
        f'    preds, targs = one["{split}.preds"], one["{split}.targs"]\n'
        f"    {body}\n\n\n"
        f"""\
_, mine, others = np.intersect1d(run["{split}.items"], other["{split}.items"], return_indices=True)
first, second = run["{split}.targs"][mine]{column}, other["{split}.targs"][others]{column}
same = ((first == second) | (np.isnan(first) & np.isnan(second))).reshape(len(mine), -1).all(axis=1)
mine, others = mine[same], others[same]  # the images that both have, with the same truth
difference = errors(run)[mine] - errors(other)[others]
known = ~np.isnan(difference)
means = errors(run)[mine][known].mean(), errors(other)[others][known].mean()
of_each = np.nanmean(difference, axis=0)  # of {each}
print(means, difference[known].mean(), of_each)"""
    )
