"""The command: ``manyhot`` opens the app, ``manyhot COMMAND`` needs no browser; in a checkout ``python -m lib``."""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from functools import cache
from pathlib import Path
from typing import Any

from lib.cli import (
    app,
    audit,
    check,
    compare,
    difference,
    edits,
    export,
    export_dataset,
    import_run,
    importing,
    launchers,
    mirror,
    next_batch,
    pairs,
    points,
    predict,
    report,
    runs,
    search,
    split,
    stats,
    terminal,
    thresholds,
    train,
)
from lib.core.errors import UserError
from lib.core.program import PROGRAM


def parser() -> argparse.ArgumentParser:
    """Return what reads the command line."""
    common = argparse.ArgumentParser(add_help=False)
    where: Any = {"type": Path, "metavar": "DIR", "help": "default: $MANYHOT_WORKSPACE, else ./workspace"}
    common.add_argument("--workspace", default=argparse.SUPPRESS, **where)  # it may stand before the command as well
    common.add_argument("--json", action="store_true", help="print one JSON document on stdout and nothing else")
    whole = argparse.ArgumentParser(
        prog=PROGRAM,
        description="Import labeled images, train, drag the threshold, inspect every prediction. "
        "Without a command the app opens in the browser.",
    )
    whole.add_argument("--workspace", **where)
    app.app_options(whole)
    whole.set_defaults(run=app.run_app)
    commands = whole.add_subparsers(dest="command", title="without a browser", metavar="COMMAND")
    for name, add, run, text in (
        (
            "import",
            importing.import_options,
            importing.run_import,
            "import a folder or zip of labeled images as a dataset",
        ),
        (
            "export-dataset",
            export_dataset.export_options,
            export_dataset.run_export,
            "write a dataset to a zip that other tools can read and that imports as the same dataset",
        ),
        (
            "edits",
            edits.dataset_option,
            edits.run_edits,
            "list a dataset's edits since its import, and the runs that used each revision",
        ),
        (
            "diff",
            difference.diff_options,
            difference.run_diff,
            "show what changed between two revisions of a dataset: images, splits, labels, keypoints, numbers",
        ),
        ("undo", edits.dataset_option, edits.run_undo, "undo the last edit of a dataset"),
        ("redo", edits.dataset_option, edits.run_redo, "redo the edit that was undone last"),
        (
            "exclude",
            edits.image_options,
            edits.run_exclude,
            "exclude images of a dataset from every split, without deleting them",
        ),
        ("include", edits.image_options, edits.run_include, "include excluded images in their splits again"),
        (
            "split",
            split.split_options,
            split.run_split,
            "split a dataset again: random or stratified, by group, k folds",
        ),
        ("check", check.check_options, check.run_check, "find bad data before training"),
        (
            "audit",
            audit.audit_options,
            audit.run_audit,
            "find wrong labels: train on folds, and list what models say that never saw the image",
        ),
        (
            "next",
            next_batch.next_options,
            next_batch.run_next,
            "say which pictures to label next: those of which a run's model is uncertain, unlike each other",
        ),
        ("stats", stats.stats_options, stats.run_stats, "print statistics of a dataset's labels, keypoints or numbers"),
        ("train", train.train_options, train.run_train, "train on a dataset, or on a built-in sample"),
        (
            "lr-find",
            train.lr_find_options,
            train.run_lr_find,
            "run the learning rate finder with these options",
        ),
        (
            "search",
            search.search_options,
            search.run_search,
            "train many choices, drawn at random within what you give, and say which is best and what that is worth",
        ),
        ("resume", train.resume_options, train.run_resume, "resume an unfinished run from its last epoch"),
        ("stop", train.stop_options, train.run_stop, "stop a run at once; it can be finished or resumed"),
        (
            "finish",
            train.finish_options,
            train.run_finish,
            "predict with what a stopped run has learned, without training on",
        ),
        ("name", runs.name_options, runs.run_name, "give a run a name, which lists and pages show"),
        ("evaluate", runs.evaluate_options, runs.run_evaluate, "print a run's metrics and those of its baseline"),
        (
            "compare",
            compare.compare_options,
            compare.run_compare,
            "tell whether one run, or several seeds of it, is better than another, and on which labels and images",
        ),
        (
            "points",
            points.points_options,
            points.run_points,
            "print the error of each keypoint, and compare two runs",
        ),
        (
            "thresholds",
            thresholds.threshold_options,
            thresholds.run_thresholds,
            "list, choose, keep and delete a run's thresholds, one per label",
        ),
        (
            "export",
            export.export_options,
            export.run_export,
            "write every prediction of a run, or its thresholds, to a file, or all of it as a bundle",
        ),
        (
            "report",
            report.report_options,
            report.run_report,
            "write a run's numbers, pictures and the drag to one HTML file that needs no server and no network",
        ),
        (
            "import-run",
            import_run.import_options,
            import_run.run_import,
            "make a run of a bundle that `export RUN --bundle` has written, here or elsewhere",
        ),
        (
            "mirror",
            mirror.mirror_options,
            mirror.run_mirror,
            "write a run, while it goes on or afterwards, as TensorBoard, W&B or MLflow read it",
        ),
        (
            "predict",
            predict.predict_options,
            predict.run_predict,
            "predict any images with a run's model",
        ),
        (
            "pairs",
            pairs.pairs_options,
            pairs.run_pairs,
            "show or declare the left and right keypoints that a horizontal flip swaps",
        ),
        ("runs", runs.runs_options, runs.run_runs, "list the runs"),
        (
            "launchers",
            launchers.launchers_options,
            launchers.run_launchers,
            "say where runs can be started, this machine and Ray, and what is free there",
        ),
    ):
        command = commands.add_parser(name, parents=[common], help=text, description=text)
        add(command)
        command.set_defaults(run=run)
    return whole


#: Made once a process: nothing in it depends on when.
_parser = cache(parser)


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return 0, 2 for the user's mistake, 1 for ours."""
    with terminal.cleaned():
        return _main(arguments)


def _main(arguments: list[str] | None) -> int:
    reader = _parser()
    options = reader.parse_args(arguments)
    if options.command and options.port is not None:
        reader.error(f"--port is the app's: leave it out, or leave out the command {options.command}")
    try:
        code = options.run(options)
        sys.stdout.flush()
        return code
    except BrokenPipeError:  # whoever reads, such as `head`, has enough; what is left must not be written at the exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except UserError as error:
        print(f"{error} Options: {error.flags}." if error.flags else error, file=sys.stderr)
        return 2
    except Exception:
        traceback.print_exc()
        return 1
