"""The recommended recipe against the book's, the quick model, and itself without each of its rules.

``python -m benchmarks recipes --data FOLDER``: each folder in it is a dataset; built-in samples can be named as well.
``--datasets``, ``--seeds`` and ``--ways`` measure a part, and ``--keep FOLDER`` goes on where an earlier call ended,
within a training too. Several calls with the same folder may measure different parts at once.
``--uncached`` decodes every picture anew each time, which must change nothing.
A way is ``recommended``, ``quick``, ``book``, ``small`` (from scratch), one of them with another choice, as in
``recommended+flip=true`` or ``small+bs=16``, or ``without:CHOICE`` for a rule of `lib.training.recipe` whose choices
are then the book's. The peer is the book's recipe with the network that comes with the installation: the weights of
resnet18 are a download.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from lib.core import picture_cache, processes
from lib.core.config import BOOK, DEFAULT, QUICK, RECOMMENDED, TrainConfig
from lib.core.dataset import Dataset
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.importing import importer, samples
from lib.metrics.scores import METRICS
from lib.training import architectures, events, launch, options, recipe, runs

_WITHOUT, _WITH = "without:", "+"
_UNCACHED = " uncached"
#: What was measured of a run, in the workspace of its own.
_RESULT = "result.json"
#: Metrics in the table beside the task's headline, where a task has them.
_ALSO = ("map",)


def measure(data: Path, words: list[str]) -> dict[str, str]:
    """Train every way on every dataset with every seed; return a line of the table for each dataset and way."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks recipes")
    parser.add_argument("--datasets", default="", help="names, with commas; default: the folders of --data")
    parser.add_argument("--seeds", default="0,1,2", help="with commas")
    parser.add_argument("--ways", default=f"{RECOMMENDED},{QUICK},{BOOK}", help="with commas")
    parser.add_argument("--uncached", action="store_true", help="keep no decoded pictures")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="results stay here and are not measured again")
    chosen = parser.parse_args(words)
    folders = sorted(folder.name for folder in data.iterdir() if folder.is_dir())
    names = [name for name in chosen.datasets.split(",") if name] or folders
    if chosen.uncached:
        os.environ[picture_cache.VARIABLE] = "0"
    with tempfile.TemporaryDirectory(prefix="recipes-") as temporary:
        keep = chosen.keep or Path(temporary)
        for name in names:
            for seed in map(int, chosen.seeds.split(",")):
                for way in chosen.ways.split(","):
                    folder = keep / f"{name},{way}{_UNCACHED if chosen.uncached else ''},{seed}"
                    _one(folder, data, name, way, seed, uncached=chosen.uncached)
        return _table(_read(keep), names)


def _dataset(workspace: Workspace, data: Path, name: str) -> Dataset:
    """Import a folder with the safe answer to every question, or draw a sample."""
    if name in samples.SAMPLES:
        samples.ensure(workspace, name, progress=lambda *_: None)
    else:
        importer.import_dataset(workspace, data / name, name=name, yes=True)
    return store.load(workspace, name)


def config_of(dataset: Dataset, way: str, seed: int) -> TrainConfig:
    """Return the configuration of a way to train on ``dataset``."""
    base, *others = way.split(_WITH)
    chosen: dict[str, Any] = {"seed": seed, "recipe": RECOMMENDED, "arch": architectures.LITE0, "pretrained": True}
    if base == QUICK:
        chosen = {"seed": seed, "size": 224}
    elif base == "small":
        chosen |= {"arch": architectures.SMALL, "pretrained": False}
    elif base == BOOK:
        chosen |= {"recipe": BOOK, "head": DEFAULT}
    elif base.startswith(_WITHOUT):
        chosen |= _without(dataset, base.removeprefix(_WITHOUT))
    elif base != RECOMMENDED:
        raise SystemExit(f"There is no way {way!r}.")
    configure = options.configure_quick if base == QUICK else options.configure
    return configure(dataset, chosen | dict(_other(way, word, configure(dataset, chosen)) for word in others))


def _other(way: str, word: str, config: TrainConfig) -> tuple[str, Any]:
    """Return name and value of ``NAME=VALUE``, a choice that ``config`` does not make."""
    name, _, text = word.partition("=")
    try:
        value = json.loads(text)
    except ValueError:
        value = text
    usual = config.to_json().get(name)
    if not text or usual is None or usual == value or type(value) is not type(usual):
        raise SystemExit(f"{way}: {word} is no other choice than {name}={json.dumps(usual)}.")
    return name, value


def _without(dataset: Dataset, name: str) -> dict[str, Any]:
    """Return the book's values of what one rule chooses."""
    usual = options.defaults(dataset, recipe=BOOK, arch=architectures.LITE0, pretrained=True)
    head = recipe.head(dataset)
    rules = {rule.name: rule for rule in recipe.RULES}
    if name not in rules:
        raise SystemExit(f"{_WITHOUT}{name}: there is no such rule, but {', '.join(rules)}.")
    return {choice: usual[choice] for choice in rules[name].values(recipe.Seen.of(dataset, head))}


def _one(folder: Path, data: Path, name: str, way: str, seed: int, *, uncached: bool) -> None:
    """Train in a worker of its own and write down metrics by split, the quick model's too, and CPU seconds."""
    result = folder / _RESULT
    workspace = Workspace(folder)
    if result.exists():
        dataset, (id_,) = store.load(workspace, name), _run_ids(workspace)
        if config_of(dataset, way, seed) != runs.load(workspace, id_).config:
            raise SystemExit(f"{folder} was measured with other choices than {way} makes today: remove it.")
        return
    before = _children()
    if ids := _run_ids(workspace):
        run = runs.load(workspace, ids[0])
        launch.resume(run)
    else:
        run = runs.load(workspace, launch.start(workspace, config_of(_dataset(workspace, data, name), way, seed)))
    processes._started[-1].wait()
    manifest = run.refresh().manifest()
    if manifest is None:
        raise SystemExit(run.failure())
    one = {key: manifest.get(key, {}) for key in ("metrics", "quick", "trained", "kept")}
    one |= {"dataset": name, "way": way + _UNCACHED * uncached, "seed": seed}
    one |= {"cpu": _children() - before, "in one go": not ids}
    print(f"{name} {way} {seed}: {_cells([one])}", file=sys.stderr, flush=True)
    result.write_text(json.dumps(one))


def _run_ids(workspace: Workspace) -> list[str]:
    """Return the names of the runs; a lock lies beside them."""
    return [path.parent.name for path in workspace.runs.glob(f"*/{events.CONFIG}")]


def _children() -> float:
    """Return the CPU seconds of all processes that were started here and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _read(keep: Path) -> dict[tuple[str, str, int], dict[str, Any]]:
    """Return what was measured, now and before."""
    ones = [json.loads(path.read_text()) for path in sorted(keep.glob(f"*/{_RESULT}"))]
    return {(one["dataset"], one["way"], one["seed"]): one for one in ones}


def _table(results: dict[tuple[str, str, int], dict[str, Any]], names: list[str]) -> dict[str, str]:
    """Return means and spreads over the seeds, a line for each dataset and way."""
    pairs = dict.fromkeys((name, way) for name, way, _ in results if name in names)
    lines = {}
    for name, way in pairs:
        seeds = [seed for of, by, seed in results if (of, by) == (name, way)]
        lines[f"{name}, {way}"] = _cells([results[name, way, seed] for seed in seeds])
        for peer, what, is_gain in _peers(way):
            if both := [seed for seed in seeds if (name, peer, seed) in results]:
                pair = [[results[name, one, seed] for seed in both] for one in (peer, way)]
                lines[f"{name}, what {what}"] = _gains(*(pair if is_gain else pair[::-1]))
    return lines


def _peers(way: str) -> Iterator[tuple[str, str, bool]]:
    """Yield the ways that differ from ``way`` in one thing, what that is, and whether ``way`` has it."""
    uncached = _UNCACHED * way.endswith(_UNCACHED)
    base, *others = way.removesuffix(_UNCACHED).split(_WITH)
    if base.startswith(_WITHOUT):
        rest = "".join(_WITH + other for other in others)
        yield RECOMMENDED + rest + uncached, f"{base.removeprefix(_WITHOUT)} brings{rest}{uncached}", False
    elif others:
        before = _WITH.join([base, *others[:-1]])
        yield before + uncached, f"{others[-1]} brings besides {before}{uncached}", True


def _gains(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> str:
    """Return how much better ``after`` is than ``before``, seed by seed, where both were trained.

    Of what was trained, not of what was kept: a run that keeps its quick model says nothing of a rule.
    """
    cells = []
    for split, metric in _measured(after[0]):
        sign = 1 if METRICS[metric].larger_is_better else -1
        pairs = zip(_trained(before, split, metric), _trained(after, split, metric), strict=True)
        gains = [sign * (other - one) for one, other in pairs if one is not None and other is not None]
        cells.append(f"{split} {metric} {_mean(gains, signed=True)}")
    return ", ".join([*cells, f"seeds {len(after)}"])


def _trained(ones: list[dict[str, Any]], split: str, metric: str) -> list[float | None]:
    return [(one["trained"] or one["metrics"])[split][metric] for one in ones]


def _measured(one: dict[str, Any]) -> list[tuple[str, str]]:
    """Return split and metric of each cell: the headline and, for labels, the mean average precision."""
    return [
        (split, metric)
        for split, metrics in one["metrics"].items()
        for metric in (next(iter(metrics)), *(name for name in _ALSO if name in metrics))
    ]


def _cells(ones: list[dict[str, Any]]) -> str:
    """Return what `_measured` names, of the model that was kept, and the CPU seconds."""
    cells = [
        f"{split} {metric} {_mean([one['metrics'][split][metric] for one in ones])}"
        for split, metric in _measured(ones[0])
    ]
    if whole := [one["cpu"] for one in ones if one["in one go"]]:  # of a resumed run only the end is known
        cells.append(f"CPU s {_mean(whole, digits=0)}")
    kept = sum(one["kept"] == QUICK for one in ones)
    return ", ".join([*cells, f"seeds {len(ones)}"] + ([f"quick kept {kept}"] if kept else []))


def _mean(values: list[float | None] | list[float], digits: int = 3, *, signed: bool = False) -> str:
    """Return mean and standard deviation; values that are not defined are left out."""
    known = np.array([value for value in values if value is not None])
    if not len(known):
        return "not defined"
    spread = f" ± {known.std(ddof=1):.{digits}f}" if len(known) > 1 else ""
    return f"{known.mean():{'+' if signed else ''}.{digits}f}{spread}"
