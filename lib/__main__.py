"""The command: ``manyhot`` opens the app, ``manyhot COMMAND`` needs no browser; in a checkout ``python -m lib``."""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from pathlib import Path
from typing import Any

from lib.cli import (
    app,
    check,
    edits,
    export_dataset,
    import_fastai,
    importing,
    pairs,
    points,
    predict,
    split,
    stats,
    thresholds,
    train,
)
from lib.cli import common as cli
from lib.core.errors import UserError
from lib.core.program import PROGRAM


def parser() -> argparse.ArgumentParser:
    """Return what reads the command line."""
    common = argparse.ArgumentParser(add_help=False)
    where: Any = {"type": Path, "metavar": "DIR", "help": "default: $MANYHOT_WORKSPACE, else ./workspace"}
    common.add_argument("--workspace", default=argparse.SUPPRESS, **where)  # it may stand before the command as well
    common.add_argument("--json", action="store_true", help="print one JSON document on stdout and nothing else")
    made = argparse.ArgumentParser(
        prog=PROGRAM,
        description="Bring labelled pictures, train, drag the threshold, inspect every prediction. "
        "Without a command the app opens in the browser.",
    )
    made.add_argument("--workspace", **where)
    app.app_options(made)
    made.set_defaults(run=app.run_app)
    commands = made.add_subparsers(dest="command", title="without a browser", metavar="COMMAND")
    for name, add, run, text in (
        ("import", _import_options, importing.run_import, "read a folder or zip of labelled pictures into a dataset"),
        (
            "export-dataset",
            export_dataset.export_options,
            export_dataset.run_export,
            "write a dataset to a zip that other programs read and that imports as the same dataset",
        ),
        (
            "edits",
            edits.dataset_option,
            edits.run_edits,
            "list what was edited in a dataset since its import, and which runs saw which state",
        ),
        ("undo", edits.dataset_option, edits.run_undo, "undo the last edit of a dataset"),
        ("redo", edits.dataset_option, edits.run_redo, "make the edit again that was undone last"),
        (
            "exclude",
            edits.image_options,
            edits.run_exclude,
            "keep images of a dataset out of every split, without deleting anything",
        ),
        ("include", edits.image_options, edits.run_include, "take excluded images back into their splits"),
        (
            "split",
            split.split_options,
            split.run_split,
            "divide a dataset anew: at random or stratified, whole groups, k folds",
        ),
        ("check", check.check_options, check.run_check, "look for bad data before a training does"),
        ("stats", stats.stats_options, stats.run_stats, "print how a dataset's labels, points or numbers are"),
        ("train", _train_options, train.run_train, "train on a dataset, or on a built-in sample"),
        ("lr-find", _choice_options, train.run_lr_find, "suggest learning rates for a training with these choices"),
        ("resume", _resume_options, train.run_resume, "let a run that did not finish go on from its last epoch"),
        ("stop", _stop_options, train.run_stop, "stop a run; it keeps a usable model and can be resumed"),
        ("evaluate", _evaluate_options, cli.run_evaluate, "print a run's metrics beside its baseline's"),
        (
            "points",
            points.points_options,
            points.run_points,
            "print how wrong each point is, and which of two runs is better",
        ),
        (
            "thresholds",
            thresholds.threshold_options,
            thresholds.run_thresholds,
            "list, choose, keep and delete thresholds of a run, one a label",
        ),
        (
            "export",
            thresholds.export_options,
            thresholds.run_export,
            "write every prediction of a run, or its thresholds, to a file",
        ),
        (
            "predict",
            predict.predict_options,
            predict.run_predict,
            "print what a run's model says of any pictures",
        ),
        (
            "pairs",
            pairs.pairs_options,
            pairs.run_pairs,
            "show or declare which points change places in a mirror",
        ),
        ("runs", lambda _: None, cli.run_runs, "list the runs"),
    ):
        command = commands.add_parser(name, parents=[common], help=text, description=text)
        add(command)
        command.set_defaults(run=run)
    return made


def _import_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("path", type=Path, nargs="?", help="a folder, a zip or a Parquet file")
    import_fastai.option(command)
    command.add_argument("--name", help="name of the dataset; default: that of the folder or zip")
    command.add_argument("--dry-run", action="store_true", help="say what would be imported and store nothing")
    where = command.add_mutually_exclusive_group()
    where.add_argument(
        "--in-place",
        action="store_true",
        help="use a folder's pictures where they are, below your home or the folders in $MANYHOT_ROOTS, or say why "
        "not; default: where that is allowed",
    )
    where.add_argument("--copy", action="store_true", help="copy the pictures into the workspace")
    command.add_argument("--valid", type=float, metavar="FRACTION", help="share of images to validate on (default 0.2)")
    command.add_argument("--seed", type=int, default=42, help="seed of the random split (default 42)")
    command.add_argument(
        "--stratify",
        action="store_true",
        help="give the validation images their fair share of each label, class, range of a number or point",
    )
    command.add_argument(
        "--group", metavar="REGEX", help="its first capture in the file name is a group no split divides"
    )
    command.add_argument("--task", help="read the source as this task where it could be several")
    command.add_argument(
        "--choice",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="answer to a question that --dry-run asks; may be given several times",
    )


def _train_options(command: argparse.ArgumentParser) -> None:
    _choice_options(command)
    _detach_option(command)


def _detach_option(command: argparse.ArgumentParser) -> None:
    command.add_argument("--detach", action="store_true", help="print the run's id at once and let it work on alone")


def _resume_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("run_id", metavar="RUN", help="id of a run, see `runs`")
    _detach_option(command)


def _stop_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("run_id", metavar="RUN", help="id of a run, see `runs`")
    command.add_argument("--after-epoch", action="store_true", help="when the epoch is done; default: after the batch")


def _choice_options(command: argparse.ArgumentParser) -> None:
    from lib.training.options import HEADS, LOSSES, OPTIONS

    def add(flag: str, field: str, kind: type) -> None:
        command.add_argument(flag, dest=field, type=kind, metavar=kind.__name__.upper(), help=OPTIONS[field].help)

    command.add_argument("dataset", help="name of a dataset or of a built-in sample")
    command.add_argument("--arch", help=OPTIONS["arch"].help)
    add("--size", "size", int)
    add("--bs", "bs", int)
    add("--epochs", "epochs", int)
    add("--freeze-epochs", "freeze_epochs", int)
    add("--base-lr", "base_lr", float)
    add("--lr-mult", "lr_mult", float)
    for flag, known in (("head", HEADS), ("loss", LOSSES)):
        command.add_argument(f"--{flag}", choices=known, help=OPTIONS[flag].help)
    add("--thresh", "thresh", float)
    add("--seed", "seed", int)
    add("--wd", "wd", float)
    add("--patience", "patience", int)
    add("--focal-gamma", "focal_gamma", float)
    for flag, field in (
        ("--class-weights", "class_weights"),
        ("--mixed-precision", "mixed_precision"),
        ("--progressive", "progressive"),
        ("--flip", "flip"),
    ):
        command.add_argument(flag, dest=field, action="store_true", default=None, help=OPTIONS[field].help)
    command.add_argument(
        "--no-pretrained", dest="pretrained", action="store_false", default=None, help="train from scratch"
    )
    command.add_argument(
        "--no-augment", dest="augment", action="store_false", default=None, help="train on the pictures as they are"
    )
    command.add_argument("--weights", metavar="FILE", help=OPTIONS["weights"].help)


def _evaluate_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("run_id", metavar="RUN", help="id of a run, see `runs`")
    cut = command.add_mutually_exclusive_group()
    cut.add_argument(
        "--thresh", type=float, help="threshold of a multi-label run; default: the one it was trained with"
    )
    cut.add_argument("--thresholds", metavar="NAME", help="a saved set, one threshold a label, see `thresholds`")
    command.add_argument("--split", choices=("valid", "test"), default="valid", help="which images (default valid)")


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return 0, 2 for the user's mistake, 1 for ours."""
    reader = parser()
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
        print(error, file=sys.stderr)
        return 2
    except Exception:
        traceback.print_exc()
        return 1


if __name__ == "__main__":
    sys.exit(main())
