"""Kinds of problems of a source, each with its sentence for one and for several: what, and what to do."""

from __future__ import annotations

#: Sentences of each kind of problem, for one and for several (the number is filled in).
KINDS = {
    "unreadable-image": (
        "1 image could not be opened and was left out: replace the file and import again.",
        "{:,} images could not be opened and were left out: replace the files and import again.",
    ),
    "unreadable-entry": (
        "1 folder or link could not be read and was left out: allow reading it, or remove the link to nothing.",
        "{:,} folders or links could not be read and were left out: allow reading them, or remove links to nothing.",
    ),
    "row-without-image": (
        "1 row names an image that is not there and was left out: add the file or remove the row.",
        "{:,} rows name an image that is not there and were left out: add the files or remove the rows.",
    ),
    "image-without-row": (
        "1 image has no label or row and was left out: add a row to use it.",
        "{:,} images have no label or row and were left out: add rows to use them.",
    ),
    "kept-unlabeled": (
        "1 image without labels was kept: nothing of it is taught or counted until it is labeled.",
        "{:,} images without labels were kept: nothing of them is taught or counted until they are labeled.",
    ),
    "duplicate-row": (
        "1 row names an image that an earlier row names already; the first row was kept: remove the wrong one.",
        "{:,} rows name an image that an earlier row names already; the first rows were kept: remove the wrong ones.",
    ),
    "comment-lines": (
        "1 table has comment lines above its header; they were skipped.",
        "{:,} tables have comment lines above their headers; they were skipped.",
    ),
    "no-header": (
        "1 table has no header: its columns are called column 1, column 2 and so on.",
        "{:,} tables have no header: their columns are called column 1, column 2 and so on.",
    ),
    "rows-of-labels": (
        "1 table has rows with varying many cells; those behind the file name were read as the labels of the image.",
        "{:,} tables have rows with varying many cells; those behind the file name were read as labels of the image.",
    ),
    "decimal-commas": (
        "1 column has numbers with a decimal comma; they were read as numbers.",
        "{:,} columns have numbers with a decimal comma; they were read as numbers.",
    ),
    "thousands": (
        "1 column has numbers with separators between thousands; they were read as numbers.",
        "{:,} columns have numbers with separators between thousands; they were read as numbers.",
    ),
    "units": (
        "1 column has numbers with a unit or percent sign; they were read as numbers.",
        "{:,} columns have numbers with a unit or percent sign; they were read as numbers.",
    ),
    "point-cells": (
        "1 column has the two numbers of a point in each cell; it was read as an x and a y column.",
        "{:,} columns have the two numbers of a point in each cell; they were read as an x and a y column each.",
    ),
    "point-lists": (
        "1 column lists the points of the image in each cell, read as x and y in turn.",
        "{:,} columns list the points of the image in each cell, read as x and y in turn.",
    ),
    "folder-rows": (
        "1 row names a folder of images; each of its images has what the row says, and the folder is a group.",
        "{:,} rows name a folder of images; each of its images has what the row says, and a folder is a group.",
    ),
    "object-rows": (
        "1 image has several rows, one an object; it has the labels of all of them.",
        "{:,} images have several rows, one an object; they have the labels of all of them.",
    ),
    "label-rows": (
        "1 image has several rows with different labels; it has the labels of all of them.",
        "{:,} images have several rows with different labels; they have the labels of all of them.",
    ),
    "point-rows": (
        "1 image has a row for each of its keypoints; they were joined.",
        "{:,} images have a row for each of their keypoints; they were joined.",
    ),
    "different-rows": (
        "1 image has several rows that differ; they were made one as you chose.",
        "{:,} images have several rows that differ; they were made one as you chose.",
    ),
    "spaces-in-table": (
        "1 table has spaces after its separators; they are no part of names or labels and were taken off.",
        "{:,} tables have spaces after their separators; they are no part of names or labels and were taken off.",
    ),
    "apostrophes": (
        "1 table has apostrophes before =, +, - or @, against spreadsheets that compute; they were taken off.",
        "{:,} tables have apostrophes before =, +, - or @, against spreadsheets that compute; they were taken off.",
    ),
    "missing-value": (
        "1 row has an empty or unreadable cell and was left out: fill the cell in to use it.",
        "{:,} rows have an empty or unreadable cell and were left out: fill the cells in to use them.",
    ),
    "unknown-label": (
        "1 image has unknown labels; they are ignored in training and metrics.",
        "{:,} images have unknown labels; they are ignored in training and metrics.",
    ),
    "missing-point": (
        "1 image has missing keypoints; they are ignored in training and metrics.",
        "{:,} images have missing keypoints; they are ignored in training and metrics.",
    ),
    "no-label": (
        "1 image has no label; it is kept as a negative example of every label.",
        "{:,} images have no label; they are kept as negative examples of every label.",
    ),
    "point-outside-image": (
        "1 image has a keypoint just outside its border; it is kept: check it under Checks.",
        "{:,} images have a keypoint just outside their border; they are kept: check them under Checks.",
    ),
    "scaled-points": (
        "1 image has keypoints relative to the image size, not in pixels; they were converted to pixels.",
        "{:,} images have keypoints relative to the image size, not in pixels; they were converted to pixels.",
    ),
    "point-far-outside": (
        "1 image has a keypoint far outside its border and was left out: correct the row.",
        "{:,} images have a keypoint far outside their border and were left out: correct the rows.",
    ),
    "constant-label": (
        "1 label is on nearly all images or on almost none: a constant prediction is then hard to beat.",
        "{:,} labels are on nearly all images or on almost none: a constant prediction is then hard to beat.",
    ),
    "label-not-in-split": (
        "1 time a label is on no image of a split, so its metrics are not defined there.",
        "{:,} times a label is on no image of a split, so its metrics are not defined there.",
    ),
    "group-moved": (
        "1 image was moved to another split so that no group is divided.",
        "{:,} images were moved to another split so that no group is divided.",
    ),
    "wrong-extension": (
        "1 image has another format than its file extension; it is read by its content.",
        "{:,} images have another format than their file extensions; they are read by their content.",
    ),
    "deep-picture": (
        "1 image has more than 8 bits a channel; the values {range} of all such images are stretched to 0 to 255 in "
        "training, prediction and on every page.",
        "{:,} images have more than 8 bits a channel; their values {range} are stretched to 0 to 255 in training, "
        "prediction and on every page.",
    ),
    "narrow-values": (
        "1 image uses less than an eighth of the values {range} and may look black or gray all over: look at it, and "
        "at images with single pixels far brighter than the rest.",
        "{:,} images use less than an eighth of the values {range} and may look black or gray all over: look at them, "
        "and at images with single pixels far brighter than the rest.",
    ),
    "upper-bits": (
        "1 image has 16 bits a channel in a form of which only the upper 8 are read, so that 12 bits look black: save "
        "it as RGB PNG.",
        "{:,} images have 16 bits a channel in a form of which only the upper 8 are read, so that 12 bits look black: "
        "save them as RGB PNG.",
    ),
    "several-instances": (
        "1 image shows several objects with keypoints and was left out: crop each, or keep one of them.",
        "{:,} images show several objects with keypoints and were left out: crop each, or keep one in each.",
    ),
    "empty-box": (
        "1 object with keypoints has an empty bounding box and was left out: correct the box.",
        "{:,} objects with keypoints have empty bounding boxes and were left out: correct the boxes.",
    ),
    "point-outside-box": (
        "1 crop has a keypoint outside its border; it is missing there.",
        "{:,} crops have keypoints outside their border; they are missing there.",
    ),
    "no-point": (
        "1 image has no keypoint and was left out: annotate it to use it.",
        "{:,} images have no keypoint and were left out: annotate them to use them.",
    ),
    "other-image-size": (
        "1 image has another aspect ratio than its annotation and was left out: use the original image.",
        "{:,} images have another aspect ratio than their annotations and were left out: use the original images.",
    ),
    "points-moved": (
        "1 image was rotated or resized after its keypoints were annotated; they were moved with it.",
        "{:,} images were rotated or resized after their keypoints were annotated; they were moved with them.",
    ),
    "unknown-class": (
        "1 annotation has a class that is missing in the class list and was left out: add the class to the list.",
        "{:,} annotations have classes that are missing in the class list and were left out: add them to the list.",
    ),
    "unused-name": (
        "1 name of the list is on no image and was left out: check its spelling.",
        "{:,} names of the list are on no image and were left out: check their spelling.",
    ),
    "missing-split": (
        "1 split that the file names is missing: add its images to use it.",
        "{:,} splits that the file names are missing: add their images to use them.",
    ),
    "other-points": (
        "1 image has another number of keypoints than most and was left out: import such images on their own.",
        "{:,} images have another number of keypoints than most and were left out: import such images on their own.",
    ),
    "not-annotated": (
        "1 image has no finished annotation and was left out: annotate it and export again.",
        "{:,} images have no finished annotation and were left out: annotate them and export again.",
    ),
    "several-annotations": (
        "1 image was annotated several times; the ground truth, else the newest annotation, was used.",
        "{:,} images were annotated several times; the ground truth, else the newest annotation, was used.",
    ),
    "turned-in-tool": (
        "1 image was rotated in the labeling tool and was left out: rotate the file itself and label it again.",
        "{:,} images were rotated in the labeling tool and were left out: rotate the files and label them again.",
    ),
    "unread-attribute": (
        "1 attribute of the annotations was not read: choose it if it is what is to be learned.",
        "{:,} attributes of the annotations were not read: choose one if it is what is to be learned.",
    ),
    "several-splits": (
        "1 image is in the lists of several splits; it is kept in the one held back: take it out of the others.",
        "{:,} images are in the lists of several splits; they are kept where held back: take them out of the others.",
    ),
    "without-split": (
        "1 image is in none of the lists of splits and was left out: add it to one.",
        "{:,} images are in none of the lists of splits and were left out: add them to one.",
    ),
    "other-count": (
        "1 list has another number of lines than its first line says, so it may be cut off: compare it with its "
        "source.",
        "{:,} lists have another number of lines than their first lines say, so they may be cut off: compare them with "
        "their sources.",
    ),
    "template-table": (
        "1 table is a template for answers and was not used: it labels nothing.",
        "{:,} tables are templates for answers and were not used: they label nothing.",
    ),
    "other-table": (
        "1 other table names images as well and was not used: choose it if it is the one that is meant.",
        "{:,} other tables name images as well and were not used: choose one if it is meant.",
    ),
    "unread-table": (
        "1 table names no image and could not be read: save it as CSV (UTF-8) if it is needed.",
        "{:,} tables name no image and could not be read: save them as CSV (UTF-8) if they are needed.",
    ),
    "name-by-ending": (
        "1 name was matched to an image by its ending or its number: check the example.",
        "{:,} names were matched to images by their endings or numbers: check the examples.",
    ),
    "folders-and-table": (
        "1 table labels images that are held back alone; the training images were read from class folders beside it.",
        "{:,} tables label images that are held back alone; the training images were read from class folders.",
    ),
    "split-source": (
        "1 source of splits beside the labels was used.",
        "{:,} sources of splits beside the labels were used.",
    ),
    "split-folder": (
        "1 image lies in the folder of another split than its row says; the table's is used: correct the wrong one.",
        "{:,} images lie in folders of other splits than their rows say; the table's are used: correct the wrong ones.",
    ),
    "only-test": (
        "1 image is of a test part alone: without others to learn from it is divided like any other.",
        "{:,} images are of a test part alone: without others to learn from they are divided like any other.",
    ),
    "named-classes": (
        "1 file names the class numbers; its names are used.",
        "{:,} files name the class numbers; their names are used.",
    ),
    "sources-differ": (
        "1 image has other labels in a second source that was not used: correct the one that is wrong.",
        "{:,} images have other labels in a second source that was not used: correct the one that is wrong.",
    ),
    "unused-column": (
        "1 column of the table is not used: give it another role if it says what the images show.",
        "{:,} columns of the table are not used: give them other roles if they say what the images show.",
    ),
    "group-column": (
        "1 column says which images belong together; no split divides such a group.",
        "{:,} columns say which images belong together; no split divides such a group.",
    ),
    "no-split-in-row": (
        "1 row has no split, in a table that gives splits: its image is counted to the training images.",
        "{:,} rows have no split, in a table that gives splits: their images are counted to the training images.",
    ),
    "unused-file": (
        "1 other file is neither an image nor a table in use and was ignored: import it alone if it has labels.",
        "{:,} other files are neither images nor tables in use and were ignored: import one alone if it has labels.",
    ),
}
