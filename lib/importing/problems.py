"""Problems of a source: every kind with its sentence, and what was noted of each."""

from __future__ import annotations

from dataclasses import dataclass, field

from lib.core import sentences

#: Problem kinds: what is said of one, and of several (the number is filled in).
KINDS = {
    "unreadable-image": (
        "1 picture could not be opened and was left out: replace the file and import again.",
        "{:,} pictures could not be opened and were left out: replace the files and import again.",
    ),
    "row-without-image": (
        "1 row names a picture that is not there and was left out: add the file or remove the row.",
        "{:,} rows name a picture that is not there and were left out: add the files or remove the rows.",
    ),
    "image-without-row": (
        "1 picture has no label or row and was left out: add a row to use it.",
        "{:,} pictures have no label or row and were left out: add rows to use them.",
    ),
    "duplicate-row": (
        "1 row names a picture that an earlier row names already; the first row was kept.",
        "{:,} rows name a picture that an earlier row names already; the first rows were kept.",
    ),
    "spaces-in-table": (
        "1 table has spaces after its separators; they are no part of names or labels and were taken off.",
        "{:,} tables have spaces after their separators; they are no part of names or labels and were taken off.",
    ),
    "missing-value": (
        "1 row has an empty or unreadable cell and was left out: fill the cell in to use it.",
        "{:,} rows have an empty or unreadable cell and were left out: fill the cells in to use them.",
    ),
    "unknown-label": (
        "1 image has unknown labels; they are neither taught nor counted.",
        "{:,} images have unknown labels; they are neither taught nor counted.",
    ),
    "missing-point": (
        "1 image has missing points; they are neither taught nor counted.",
        "{:,} images have missing points; they are neither taught nor counted.",
    ),
    "no-label": (
        "1 image has no label at all; it is kept, as an example of none of the labels.",
        "{:,} images have no label at all; they are kept, as examples of none of the labels.",
    ),
    "point-outside-image": (
        "1 image has a point just outside the picture; it is kept as it is.",
        "{:,} images have a point just outside the picture; they are kept as they are.",
    ),
    "scaled-points": (
        "1 image has its points as parts of the picture, not in pixels; they were turned into pixels.",
        "{:,} images have their points as parts of the picture, not in pixels; they were turned into pixels.",
    ),
    "point-far-outside": (
        "1 image has a point far outside the picture and was left out: correct the row.",
        "{:,} images have a point far outside the picture and were left out: correct the rows.",
    ),
    "constant-label": (
        "1 label is on nearly all images or on hardly any: always answering the same is then hard to beat.",
        "{:,} labels are on nearly all images or on hardly any: always answering the same is then hard to beat.",
    ),
    "label-not-in-split": (
        "1 time a label is on no image of a split, where nothing can be said about it.",
        "{:,} times a label is on no image of a split, where nothing can be said about it.",
    ),
    "group-moved": (
        "1 image changed split so that no group is divided.",
        "{:,} images changed split so that no group is divided.",
    ),
    "wrong-extension": (
        "1 picture is of another type than its name says; it is read by its content.",
        "{:,} pictures are of another type than their names say; they are read by their content.",
    ),
    "several-instances": (
        "1 picture shows several things with points and was left out: cut each out, or keep one of them.",
        "{:,} pictures show several things with points and were left out: cut each out, or keep one in each.",
    ),
    "empty-box": (
        "1 thing with points has a box without any size in the picture and was left out: correct the box.",
        "{:,} things with points have a box without any size in the picture and were left out: correct the boxes.",
    ),
    "point-outside-box": (
        "1 image that was cut out has a point outside of its part of the picture; it is missing there.",
        "{:,} images that were cut out have points outside of their part of the picture; they are missing there.",
    ),
    "no-point": (
        "1 picture has no point set in it and was left out: set its points to use it.",
        "{:,} pictures have no point set in them and were left out: set their points to use them.",
    ),
    "other-picture-size": (
        "1 picture has another shape than its points were set for and was left out: bring the original picture.",
        "{:,} pictures have another shape than their points were set for and were left out: bring the originals.",
    ),
    "points-moved": (
        "1 picture was turned or resized after its points were set; they were moved with it.",
        "{:,} pictures were turned or resized after their points were set; they were moved with them.",
    ),
    "unknown-class": (
        "1 annotation is of a class that the list of classes lacks and was left out: add the class to the list.",
        "{:,} annotations are of classes that the list of classes lacks and were left out: add them to the list.",
    ),
    "unused-name": (
        "1 name of the list is on no picture and was left out.",
        "{:,} names of the list are on no picture and were left out.",
    ),
    "missing-split": (
        "1 part of the data that the file names is not there: add its pictures to use it.",
        "{:,} parts of the data that the file names are not there: add their pictures to use them.",
    ),
    "other-points": (
        "1 picture has another number of points than most and was left out: import such pictures on their own.",
        "{:,} pictures have another number of points than most and were left out: import such ones on their own.",
    ),
    "not-annotated": (
        "1 picture has no finished annotation and was left out: annotate it and export again.",
        "{:,} pictures have no finished annotation and were left out: annotate them and export again.",
    ),
    "several-annotations": (
        "1 picture was annotated several times; the ground truth, else the newest annotation, was used.",
        "{:,} pictures were annotated several times; the ground truth, else the newest annotation, was used.",
    ),
    "turned-in-tool": (
        "1 picture was turned in the labeling tool and was left out: turn the file itself and label it again.",
        "{:,} pictures were turned in the labeling tool and were left out: turn the files and label them again.",
    ),
    "unused-file": (
        "1 other file is neither a picture nor a table in use and was ignored.",
        "{:,} other files are neither pictures nor tables in use and were ignored.",
    ),
}
MAX_EXAMPLES = 20


@dataclass
class Problems:
    """Problems found so far, counted by kind, with the first examples of each."""

    examples: dict[str, list[str]] = field(default_factory=dict)

    def add(self, kind: str, example: str) -> None:
        """Note one more ``kind``; ``example`` says where."""
        if kind not in KINDS:
            raise KeyError(kind)
        # Halves of characters, as JSON can hold, are in no file and on no page.
        self.examples.setdefault(kind, []).append(example.encode(errors="replace").decode())

    def to_json(self) -> list[dict]:
        """Return ``kind``, ``count``, ``sentence`` and at most 20 ``examples`` of each kind."""
        return [
            {
                "kind": kind,
                "count": len(self.examples[kind]),
                "sentence": sentences.sentence(len(self.examples[kind]), *KINDS[kind]),
                "examples": self.examples[kind][:MAX_EXAMPLES],
            }
            for kind in KINDS
            if kind in self.examples
        ]
