"""MLflow: a run in a folder of files, which every version of MLflow reads."""

from __future__ import annotations

import os
import re
from pathlib import Path

from lib.export.mirror.rows import FINDINGS, About, Row
from lib.export.mirror.target import Written, package
from lib.training import events

#: A folder as the store, which MLflow otherwise advises against; and nothing is told to those who make it.
_ENVIRONMENT = {
    "MLFLOW_ALLOW_FILE_STORE": "true",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
}
#: The tag by which the run is known when it is mirrored on.
_ID = "manyhot.run"
_STATUS = {events.FINISHED: "FINISHED", events.STOPPED: "KILLED", events.FAILED: "FAILED", events.DIED: "FAILED"}


class MLflow:
    """Writes by MLflow's own client; the experiment is the dataset."""

    def __init__(self, folder: Path, about: About):
        os.environ.update(_ENVIRONMENT)
        client = package("mlflow.tracking").MlflowClient
        self._entities = package("mlflow.entities")
        self.errors = (package("mlflow.exceptions").MlflowException,)
        self._client, self._folder, self._about = client(tracking_uri=folder.resolve().as_uri()), folder, about
        self._experiment = self._run = ""
        self._told: dict[str, str] = {}

    def _find_experiment(self, dataset: str) -> str:
        experiment = self._client.get_experiment_by_name(dataset)
        return str(experiment.experiment_id if experiment else self._client.create_experiment(dataset))

    def _find_run(self, about: About) -> str:
        known = self._client.search_runs([self._experiment], f"tags.`{_ID}` = '{about.run}'")
        if known:
            return str(known[0].info.run_id)
        new_run = self._client.create_run(
            self._experiment, start_time=int(about.began * 1000), tags={_ID: about.run}, run_name=about.name
        )
        return str(new_run.info.run_id)

    def read(self) -> Written:
        self._mend()
        self._experiment = self._find_experiment(self._about.dataset)
        self._run = self._find_run(self._about)
        written, known = Written(), self._client.get_run(self._run)
        new = {name: str(value) for name, value in self._about.config.items() if name not in known.data.params}
        self._client.log_batch(self._run, params=[self._entities.Param(name, value) for name, value in new.items()])
        for name in known.data.metrics:
            history = self._client.get_metric_history(self._run, name)
            written.values[name] = {metric.step: metric.value for metric in history}
        self._told = dict(known.data.tags)
        for tag in self._told:
            if step := re.fullmatch(rf"{FINDINGS}/(\d+)", tag):
                written.texts[FINDINGS].add(int(step[1]))
        return written

    def _mend(self) -> None:
        """Take away the part of a line that a killed process or a full disk left in a metric's file."""
        for tag in self._folder.glob(f"*/*/tags/{_ID}"):
            if tag.read_text() != self._about.run:
                continue
            for path in tag.parents[1].joinpath("metrics").rglob("*"):
                if path.is_dir() or (content := path.read_bytes()).endswith(b"\n"):
                    continue
                if whole := content.rfind(b"\n") + 1:
                    os.truncate(path, whole)
                else:  # of a metric without a value MLflow says that it is damaged
                    path.unlink()

    def row(self, row: Row) -> None:
        when = int(row.time * 1000)
        metrics = [self._entities.Metric(name, value, when, row.step) for name, value in row.values.items()]
        tags = [self._entities.RunTag(f"{name}/{row.step}", text) for name, text in row.texts.items()]
        self._client.log_batch(self._run, metrics=metrics, tags=tags)

    def tell(self, facts: dict[str, str], row: Row) -> None:
        facts = {**facts, "mlflow.runName": facts.get("name", facts["run"])}
        new = {name: value for name, value in facts.items() if self._told.get(name) != value}
        tags = [self._entities.RunTag(name, value) for name, value in new.items()]
        self._client.log_batch(self._run, tags=tags)
        self._told |= new
        if new.get("state") in events.ACTIVE:  # also of one that had ended before it was resumed
            self._client.update_run(self._run, status="RUNNING")

    def end(self, state: str, when: float, *, is_final: bool) -> None:
        self._client.set_terminated(self._run, _STATUS[state], end_time=int(when * 1000))

    def flush(self) -> None:
        """Files are closed after each line."""

    def close(self) -> None:
        """Files are closed after each line."""


def open_target(folder: Path, about: About) -> MLflow:
    """Return what writes one run of MLflow."""
    return MLflow(folder, about)
