"""The model card of a bundle: README.md with the front matter that the Hugging Face hub reads."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import yaml

from lib import tasks
from lib.core import sentences
from lib.export.bundle import contents
from lib.export.bundle.contents import BundleManifest, Example
from lib.metrics.scores import METRICS
from lib.tasks.types import three_digits

#: ASCII that Markdown or HTML may read as more than itself.
_SPECIAL = re.compile(r"([!-/:-@\[-`{-~])")
#: Names that a card lists, and letters that it shows of one.
_MOST_NAMES, _MOST_LETTERS = 200, 80


def escape(text: str) -> str:
    r"""Return a text of somebody's data as Markdown that shows it and nothing else, on one line.

    Examples
    --------
    >>> print(escape("<b>[a](b)|c"))
    \<b\>\[a\]\(b\)\|c
    """
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return _SPECIAL.sub(r"\\\1", line if len(line) <= _MOST_LETTERS else f"{line[: _MOST_LETTERS - 1]}…")


def text(manifest: BundleManifest, examples: Sequence[Example], sets: Mapping[str, str]) -> str:
    """Return the card.

    Parameters
    ----------
    manifest : BundleManifest
        Without its ``files``.
    examples : sequence of Example
    sets : mapping of str to str
        How each set of thresholds was chosen, by its name; none where the task has none.
    """
    task, origin = tasks.get(manifest["task"]), manifest["origin"]
    parts = [
        f"---\n{yaml.safe_dump(_front(manifest), allow_unicode=True, sort_keys=False)}---\n",
        f"# {escape(origin['dataset'])}: {task.title.lower()} with {escape(manifest['architecture'])}\n",
        f"{task.question} Trained with Manyhot on revision `{origin['revision']}` of the dataset "
        f"{escape(origin['dataset'])}, run `{origin['run']}`.\n",
        _numbers(manifest),
        f"![Share of images by error]({contents.FIGURE})\n",
        _use(manifest, sets),
        _names(manifest),
        _parity(manifest),
        _examples(examples),
        "## What is not in here\n\nNo picture but the examples, which are copies of validation pictures as they are, "
        "with whatever their files say of where and when they were taken. "
        f"`{contents.PICTURES}` has the file names of the images that were predicted, `{contents.PREDICTIONS}` their "
        "labels and predictions. No file is a pickle.\n",
    ]
    return "\n".join(part for part in parts if part)


def _front(manifest: BundleManifest) -> dict[str, object]:
    task, origin = tasks.get(manifest["task"]), manifest["origin"]
    at = {"thresholds": manifest["thresholds"]} if "thresholds" in manifest else {}
    metrics = [
        {"type": name, "name": METRICS[name].title, "value": round(value, 6), "args": {"split": split, **at}}
        for split, numbers in manifest["metrics"].items()
        for name, value in numbers.items()
        if value is not None and name in METRICS
    ]
    result = {
        "task": {"type": task.hub_task, "name": task.title},
        "dataset": {"type": "custom", "name": origin["dataset"], "revision": origin["revision"]},
        "metrics": metrics,
    }
    return {
        "library_name": "onnx",
        "pipeline_tag": task.hub_task,
        "tags": ["manyhot", "onnx", "safetensors", task.name],
        "model-index": [{"name": f"{origin['dataset']}-{manifest['architecture']}", "results": [result]}],
    }


def _numbers(manifest: BundleManifest) -> str:
    lines, at = ["## Numbers\n"], f" at the thresholds `{name}`" if (name := manifest.get("thresholds")) else ""
    baseline = tasks.get(manifest["task"]).baseline_title
    for split, numbers in manifest["metrics"].items():
        images = manifest["record"]["splits"][split]
        lines += [
            f"{images:,} {split} images{at}; the baseline ({baseline}) sees no picture.",
            "",
            "| metric | model | baseline |",
            "| --- | --- | --- |",
        ]
        interval = manifest["intervals"][split]
        for name, value in numbers.items():
            unit = manifest["units"].get(name, "")
            ends = ""
            if name == interval["metric"] and interval["low"] is not None and interval["high"] is not None:
                ends = f" (95 % interval {three_digits(interval['low'])} to {three_digits(interval['high'])})"
            base = manifest["baseline"].get(split, {}).get(name)
            lines.append(f"| {_title(name)} | {_value(value, unit)}{ends} | {_value(base, unit)} |")
        lines.append("")
    return "\n".join(lines)


def _title(name: str) -> str:
    return METRICS[name].title if name in METRICS else escape(name)


def _value(value: float | None, unit: str) -> str:
    return "not defined" if value is None else f"{three_digits(value)} {escape(unit)}".strip()


def _use(manifest: BundleManifest, by_name: Mapping[str, str]) -> str:
    size = manifest["size"]
    sets = (
        f"`{contents.THRESHOLDS}` has {sentences.count(len(by_name), 'set')} of thresholds, a label is there where its "
        "probability is above its own; `--thresholds NAME` chooses one.\n\n"
        + "".join(f"- `{name}`: {escape(words)}\n" for name, words in by_name.items())
        if by_name
        else ""
    )
    return (
        "## Use\n\n```sh\npip install onnxruntime numpy pillow\npython predict.py --self-test\n"
        "python predict.py picture.jpg\n```\n\n"
        f"`{contents.ONNX}` (operators of version {manifest['onnx']['opset']}) takes `{manifest['onnx']['input']}`, "
        f"bytes of shape (n, {size}, {size}, 3) in RGB: {manifest['resize']['words']} Normalization and activation are "
        f"inside. `{contents.MODEL}` has the same weights for PyTorch, and `manyhot import-run` makes a run of this "
        f"bundle that can be analyzed and asked.\n\n{sets}"
    )


def _names(manifest: BundleManifest) -> str:
    names, nouns = manifest["names"], tasks.get(manifest["task"]).nouns
    listed = sentences.listed(names, _MOST_NAMES, show=escape)
    return f"## {nouns.capitalize()}\n\n{len(names):,}, in the order of the predictions: {listed}.\n"


def _parity(manifest: BundleManifest) -> str:
    parity, unit = manifest["parity"], escape(manifest["parity"]["unit"])
    alike = (
        f" The same {tasks.get(manifest['task']).nouns} come out of {parity['decided_alike']:,} of them."
        if parity["decided_alike"] is not None
        else ""
    )
    return (
        f"## ONNX against PyTorch\n\nLargest difference on all {parity['images']:,} {parity['split']} images: "
        f"{parity['onnx']:.2g} {unit} (allowed {parity['allowed']:.2g}).{alike} PyTorch on this processor differs from "
        f"what the run recorded, which is what the numbers above are of, by {parity['recorded']:.2g} {unit} at most "
        f"(allowed {parity['recorded_allowed']:.2g}).\n"
    )


def _examples(examples: Sequence[Example]) -> str:
    rows = "\n".join(f'| <img src="{one["file"]}" width="160" alt=""> | {escape(one["words"])} |' for one in examples)
    return f"## Examples\n\n| picture | prediction |\n| --- | --- |\n{rows}\n"
