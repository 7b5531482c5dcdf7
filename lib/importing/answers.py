"""Names of all answers that an import takes, and a check for answers that nothing asks for."""

from __future__ import annotations

from collections.abc import Mapping

from lib.core.errors import UserError
from lib.importing import columns as table_columns
from lib.importing import series, unpack
from lib.importing.formats import folders, mask_files, name_pattern
from lib.importing.formats.beside import given_splits, partial_tables, unlabeled
from lib.importing.formats.lists import class_lists, json_labels, point_lists
from lib.importing.formats.points import annotated, checks, marks, point_questions
from lib.importing.formats.published import pts
from lib.importing.formats.tabular import hf_imagefolder, label_cells, numbers_csv, onehot_csv
from lib.importing.formats.tools import annotated_pictures, attributes, coco, deeplabcut, label_studio
from lib.importing.hugging_face import image_columns
from lib.importing.tables import header, pool, united, values

#: Every name of a `lib.importing.parsed.Fix`'s ``choice``, and those that a user may give unasked.
NAMES = frozenset(
    (
        annotated.OCCLUDED,
        annotated.SEVERAL,
        attributes.ATTRIBUTE,
        *class_lists.CHOICES,
        coco.CATEGORY,
        deeplabcut.SCORER,
        folders.CHOICE,
        *given_splits.CHOICES,
        hf_imagefolder.COLUMN_CHOICE,
        image_columns.IMAGE_CHOICE,
        json_labels.KEY,
        json_labels.NUMBERS,
        json_labels.RECORDS,
        *label_cells.CHOICES,
        label_studio.CONTROL,
        marks.REPEATED,
        mask_files.CHOICE,
        name_pattern.PATTERN_CHOICE,
        numbers_csv.SENTINEL,
        *onehot_csv.CHOICES,
        partial_tables.CHOICE,
        *point_lists.CHOICES,
        point_questions.MISSING,
        point_questions.SCALE,
        point_questions.SIDE,
        checks.FAR,
        unpack.IGNORE_CHOICE,
        pts.FIRST_PIXEL,
        series.CHOICE,
        unlabeled.CHOICE,
        annotated_pictures.UNASSIGNED,
        header.CHOICE,
        pool.CHOICE,
        united.CHOICE,
        values.COMMA,
    )
)


def check(choices: Mapping[str, str], columns: Mapping[str, str]) -> None:
    """Refuse an answer to what nothing asks, such as one with a slip in its name: it would go unheard.

    The roles of ``columns`` have to be some as well.

    Raises
    ------
    UserError
        If there is one.
    """
    unknown = next((name for name in choices if name not in NAMES and not name.startswith(table_columns.CHOICE)), None)
    if unknown is not None:
        raise UserError(
            f"There is no choice {unknown!r}: expected one of {', '.join(sorted(NAMES))}. Correct its name."
        )
    table_columns.check_roles(table_columns.chosen_roles(choices, columns))
