"""The cells of a script that trains a run again, in the order of chapter 6 of the fastai book."""

from __future__ import annotations

from collections.abc import Sequence

from lib.core.config import TrainConfig
from lib.core.formulas import safe
from lib.export.code import heads, nets, opened, parts
from lib.export.code.cells import Cell, of
from lib.export.code.facts import Facts, stats
from lib.tasks.code.base import LABELS, Lines, literal
from lib.training.progressive_sizes import sizes

_CHECK = f"""\
def digest(file): return hashlib.blake2b((PICTURES / file).read_bytes(), digest_size=8).hexdigest()


changed = {LABELS}["digest"] != {LABELS}["file"].map(digest)
others = {LABELS}.loc[changed, "file"].tolist()
assert not others, f"{{len(others)}} pictures are not those of the run, the first is {{others[0]}}\""""
_PREDICT = """\
preds = {{}}
for split in {splits!r}:
    rows = labels[labels["split"] == split]
    preds[split] = learn.get_preds(dl=dls.test_dl(rows))[0].numpy()
    print(split, "{metric}:", score(rows, preds[split]), "- the run:", RUN[split])"""


def cells(facts: Facts, table: str, head: str) -> list[Cell]:
    """Return the cells; ``table`` and ``head`` are expressions that give the paths of what lies beside."""
    others = [
        *data(facts, table),
        *(heads.cells(facts) if facts.starts_quick and not facts.start else []),
        *of("Batches", *_batches(facts)),
        *of("Network", *_network(facts, head)),
        *of("Training", *_training(facts.config)),
        *result(facts),
    ]
    return [*first(facts, others), *others]


def first(facts: Facts, others: Sequence[Cell]) -> list[Cell]:
    """Return the cells that import what the ``others`` need, and get the weights, which may draw at random."""
    weights = nets.weights(facts.config)
    code = "\n".join([weights.code if weights else "", *(cell.code for cell in others)])
    modules = [module for word, module in _MODULES.items() if word in code]
    lines = [*(one for one in modules if one != _TIMM), "from fastai.vision.all import *"]
    lines += [_TIMM] if _TIMM in modules else []
    threads = facts.result.get("threads")
    if threads and facts.result.get("device", "").startswith("CPU"):
        lines += ["", f"torch.set_num_threads({threads})  # as in the run: what is added is added in the same order"]
    return of("What it takes", Lines("\n".join(lines)), weights)


_TIMM = "import timm"
_MODULES = {
    "hashlib.": "import hashlib",
    "ImageOps.": "from PIL import ImageOps",
    "get_ema_multi_avg_fn(": "from torch.optim.swa_utils import get_ema_multi_avg_fn",
    "timm.": _TIMM,
}


def data(facts: Facts, table: str) -> list[Cell]:
    """Return the cell that reads the table of labels and looks whether the pictures are the run's."""
    target, dataset = facts.target, facts.dataset
    lines = [
        literal("PICTURES", facts.pictures).replace("= ", "= Path(", 1) + ")",
        target.names,
        f"SIZE = {facts.config.size}",
        "",
        f"{LABELS} = pd.read_csv({table}, {target.read})",
    ]
    if renamed := _renamed(facts):
        lines += [f"{literal('NAMES', renamed)}  # what a spreadsheet would compute has an apostrophe in the table"]
        columns = ["file", *(["label"] if "label" in facts.task.code_table(dataset.targs[:1], dataset.names) else [])]
        lines += [f"{LABELS}[{columns!r}] = {LABELS}[{columns!r}].replace(NAMES)"]
    check = Lines(_CHECK, "Each picture is the one that the run saw, by the hash of its file.")
    return of("Data", Lines("\n".join(lines)), check if any(dataset.digests or ()) else None, target.prepare)


def _renamed(facts: Facts) -> dict[str, str]:
    """Return the texts in the table that are written otherwise than they are, by what is written."""
    texts = [facts.dataset.files[row] for row in facts.dataset.included.tolist()]
    if facts.task.has_labels and not facts.task.has_several_labels:
        texts += list(facts.dataset.names)
    written = {safe(text).encode("utf-8", "backslashreplace").decode(): text for text in texts}
    return {shown: text for shown, text in written.items() if shown != text}


def _batches(facts: Facts) -> list[Lines]:
    """Return what gives the DataLoaders, ``dls``."""
    config, target = facts.config, facts.target
    fast, squishes = nets.is_fast(config), target.moves or not facts.needs.is_plain
    is_defined = facts.starts_quick and not facts.start  # for the features already
    lines = [opened.squished(facts.needs, facts.dataset.value_range)] if squishes and not is_defined else []
    transforms, names = _transforms(facts, stats(facts))
    lines += transforms
    options = [
        f"blocks=({'TransformBlock(type_tfms=PILImage.create)' if fast else 'ImageBlock'}, {target.block}),",
        "get_x=squished," if squishes else "get_x=ColReader('file', pref=PICTURES),",
        f"get_y={target.get_y},",
        "splitter=ColSplitter('is_valid'),",
        *([] if squishes else ["item_tfms=Resize(SIZE, method='squish'),"]),
        f"batch_tfms={names},",
    ]
    code = [
        f"set_seed({config.seed}, reproducible=True)  # before the DataLoaders, which draw their order from it",
        f"{LABELS}['is_valid'] = {LABELS}['split'] == 'valid'",
        f"known = {LABELS}[{LABELS}['split'].isin(['train', 'valid'])]",
        "block = DataBlock(",
        *(f"    {one}" for one in options),
        ")",
        f"dls = block.dataloaders(known, bs={config.bs}, num_workers=0)  # more workers give the same batches",
    ]
    return [*lines, Lines("\n".join(code), "" if squishes else opened.SQUISHED)]


def _transforms(facts: Facts, stats: str) -> tuple[list[Lines], str]:
    """Return what has to be defined for the transforms of a batch, and their list as an expression."""
    config, target = facts.config, facts.target
    normalize, rotate = f"Normalize.from_stats(*{stats})", target.max_rotate
    swaps = bool(config.augment and config.flip and target.swapped)
    swapped = Lines(f"SWAPPED = {target.swapped}\n\n{parts.SWAP_PAIRS}", _SWAPPED_WHY)
    if not nets.is_fast(config):
        if not config.augment:
            return [], f"[{normalize}]"
        transforms = f"aug_transforms(do_flip={config.flip}, max_rotate={rotate!r}, max_warp=0.0)"
        if not swaps:
            return [], f"[*{transforms}, {normalize}]"
        first = f"augment = {transforms}\naffine = next(one for one in augment if isinstance(one, AffineCoordTfm))"
        return [swapped, Lines(first)], f"[*augment, SwapPairs(affine), {normalize}]"
    constants = f"MEAN, STD = (torch.tensor(one, device=default_device()).view(1, 3, 1, 1) for one in {stats})"
    if not config.augment:
        return [Lines(f"{constants}\n\n{parts.FAST_NORMALIZE}", _NORMALIZE_WHY)], "[FastNormalize()]"
    constants += f"\nMAX_ROTATE, FLIP = {rotate!r}, {config.flip}"
    of_points = parts.OF_POINTS if target.moves else ""
    fast = Lines(f"{constants}\n\n{parts.FAST_AUGMENT}{of_points}", _AUGMENT_WHY)
    if not swaps:
        return [fast], "[FastAugment()]"
    return [fast, swapped, Lines("augment = FastAugment()")], "[augment, SwapPairs(augment)]"


_NORMALIZE_WHY = "A batch of bytes becomes floats and is normalized in one pass."
_AUGMENT_WHY = (
    "Augmentation: aug_transforms in one pass over the bytes of a batch, in a quarter of the time. It draws from the "
    "same distributions in another order."
)
_SWAPPED_WHY = "Where a picture is mirrored, left and right points change places."


def _network(facts: Facts, head: str) -> list[Lines | None]:
    config, target = facts.config, facts.target
    network = nets.network(config, facts.task, target, begin=_begin(facts, head))
    fast = (
        Lines(parts.FUSED_ADAM, "The optimizer is fastai's Adam in one kernel of torch, which differs by rounding.")
        if nets.is_fast(config)
        else None
    )
    return [*network, target.loss, fast, nets.learner(config, target)]


def _begin(facts: Facts, head: str) -> nets.Begin | None:
    """Return how the head begins where the training starts from the quick model."""
    if not facts.starts_quick:
        return None
    return nets.Begin(head if facts.start else "")


def _training(config: TrainConfig) -> list[Lines | None]:
    """Return the callbacks and the fits."""
    defined: list[Lines | None] = []
    names = []

    def add(code: str, name: str, why: str) -> None:
        defined.append(Lines(code, why))
        names.append(name)

    if config.mixed_precision:
        add(parts.MIXED, "Mixed()", "Mixed precision: to_bf16 of fastai does nothing on a CPU.")
    if config.keep_stats:
        add(
            parts.KEEP_STATS,
            "KeepStats()",
            "Few images make worse statistics than the pretraining did: those of the body are kept.",
        )
    if config.progressive:
        sides = sizes(config.size, config.freeze_epochs + config.epochs)
        add(
            f"SIDES = {sides}  # pixels\n\n\n{parts.PROGRESSIVE}",
            "Progressive()",
            "Small pictures first take less time.",
        )
    if config.ema_decay:
        why = "The averaged weights are validated and kept, not the last ones."
        add(parts.AVERAGED, f"Averaged({config.ema_decay!r})", why)
    defined.append(_fits(config, names))
    return defined


def _fits(config: TrainConfig, cbs: list[str]) -> Lines:
    lines = [f"learn.add_cbs([{', '.join(cbs)}])"] if cbs else []
    if config.freeze_epochs and not config.patience:
        mult = f", lr_mult={config.lr_mult:g}" if config.lr_mult != 100 else ""
        lines.append(
            f"learn.fine_tune({config.epochs}, base_lr={config.base_lr!r}, freeze_epochs={config.freeze_epochs}{mult})"
        )
        return Lines("\n".join(lines), "First the head alone learns, then all layers.")
    why = []
    if config.freeze_epochs:
        lines += [
            "learn.freeze()",
            f"learn.fit_one_cycle({config.freeze_epochs}, slice({config.base_lr!r}), pct_start=0.99)",
        ]
        why.append("The two fits of fine_tune: first the head alone learns, then all layers.")
    else:
        why.append("The second fit of fine_tune alone: all layers learn from the start.")
    rates = f"slice({config.base_lr / 2 / config.lr_mult!r}, {config.base_lr / 2!r})"
    best = ""
    if config.patience:
        best = f", cbs=[EarlyStoppingCallback(patience={config.patience}), SaveModelCallback()]"
        why.append("It ends when the validation loss falls no more, with the weights of the best epoch.")
    lines += ["learn.unfreeze()", f"learn.fit_one_cycle({config.epochs}, {rates}, pct_start=0.3, div=5.0{best})"]
    return Lines("\n".join(lines), " ".join(why))


def result(facts: Facts, predict: str = "") -> list[Cell]:
    """Return the cells that predict, by ``predict`` or with ``learn``, and compare the headline with the run's."""
    recorded = dict(facts.recorded)
    predict = predict or _PREDICT.format(splits=list(recorded), metric=facts.task.metric)
    return of(
        "Result",
        facts.target.score,
        Lines(f"{literal('RUN', recorded)}  # what the run recorded\n{predict}"),
    )
