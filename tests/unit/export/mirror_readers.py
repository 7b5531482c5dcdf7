"""What TensorBoard, MLflow and W&B have of a run: read by the tools' own readers, W&B's format taken apart by hand."""

from __future__ import annotations

import json
import re
import struct
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Mirror:
    """``values`` has every value at each step, in the order of the file: two where one was written twice."""

    values: dict[str, dict[int, list[float]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))
    findings: dict[int, str] = field(default_factory=dict)
    config: dict[str, str] = field(default_factory=dict)
    facts: dict[str, str] = field(default_factory=dict)
    ends: list[str] = field(default_factory=list)

    def add(self, name: str, step: int, value: float) -> None:
        """Note one value of the file."""
        self.values[name][step].append(value)


def of_tensorboard(folder: Path, run: str) -> Mirror:
    """Read as TensorBoard's server does."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.plugins.hparams import metadata

    reader, mirror = EventAccumulator(str(folder / run), {"scalars": 0, "tensors": 0}).Reload(), Mirror()
    for name in reader.Tags()["scalars"]:
        for event in reader.Scalars(name):
            mirror.add(name, event.step, event.value)

    def text(name):
        for event in reader.Tensors(name) if name in reader.Tags()["tensors"] else ():
            words = event.tensor_proto.string_val[0].decode()
            yield event.step, "\n".join(line.removeprefix("    ") for line in words.splitlines())

    mirror.findings = dict(text("findings"))
    for _, words in text("about"):
        mirror.facts = dict(line.split(": ", 1) for line in words.splitlines() if ": " in line)
    content = reader.SummaryMetadata("_hparams_/session_start_info").plugin_data.content
    for name, value in metadata.parse_session_start_info_plugin_data(content).hparams.items():
        mirror.config[name] = str(getattr(value, value.WhichOneof("kind")))
    if "_hparams_/session_end_info" in reader.summary_metadata:
        content = reader.SummaryMetadata("_hparams_/session_end_info").plugin_data.content
        mirror.ends = [str(metadata.parse_session_end_info_plugin_data(content).status)]
    return mirror


def of_mlflow(folder: Path, run: str) -> Mirror:
    """Read by MLflow's client."""
    from mlflow.tracking import MlflowClient

    client, mirror = MlflowClient(tracking_uri=folder.as_uri()), Mirror()
    experiments = [one.experiment_id for one in client.search_experiments()]
    (found,) = client.search_runs(experiments, f"tags.run = '{run}'")
    for name in found.data.metrics:
        for metric in client.get_metric_history(found.info.run_id, name):
            mirror.add(name, metric.step, metric.value)
    tags = found.data.tags
    mirror.findings = {int(tag[9:]): text for tag, text in tags.items() if re.fullmatch(r"findings/\d+", tag)}
    mirror.config, mirror.facts, mirror.ends = found.data.params, tags, [found.info.status]
    return mirror


def of_wandb(folder: Path, run: str) -> Mirror:
    """Take W&B's files apart: blocks of 32 KiB, in them pieces with checksum, length and kind, of pieces records."""
    from wandb.proto.wandb_internal_pb2 import Record

    mirror = Mirror()
    for path in sorted(folder.glob(f"wandb/offline-run-*-{run}/run-{run}.wandb")):
        content, joined = path.read_bytes(), bytearray()
        assert content[:4] == b":W&B"
        for start in range(0, len(content), 32768):
            block, at = content[start : start + 32768], 0 if start else 7
            while at + 7 <= len(block):
                _, length, kind = struct.unpack("<IHB", block[at : at + 7])
                if at + 7 + length > len(block):  # the file was cut here
                    break
                joined += block[at + 7 : at + 7 + length]
                at += 7 + length
                if kind in (1, 4):
                    _wandb_record(mirror, Record.FromString(bytes(joined)))
                    joined.clear()
    return mirror


def _wandb_record(mirror: Mirror, record) -> None:
    def plain(items):
        return {"/".join(item.nested_key) or item.key: json.loads(item.value_json) for item in items}

    kind = record.WhichOneof("record_type")
    if kind == "run":
        mirror.config |= {name: str(value) for name, value in plain(record.run.config.update).items()}
    elif kind == "summary":
        mirror.facts |= {name: value for name, value in plain(record.summary.update).items() if isinstance(value, str)}
    elif kind == "exit":
        mirror.ends.append(str(record.exit.exit_code))
    elif kind == "history":
        row = plain(record.history.item)
        step = row.pop("step")
        if "findings" in row:
            mirror.findings[step] = row.pop("findings")
        for name, value in row.items():
            if not name.startswith("_"):
                mirror.add(name, step, value)


READERS = {"tensorboard": of_tensorboard, "mlflow": of_mlflow, "wandb": of_wandb}
