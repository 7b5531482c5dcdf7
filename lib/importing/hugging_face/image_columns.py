"""Columns of a Parquet schema that hold images, and the one of them to read."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from lib.core.errors import UserError
from lib.importing.parsed import Fix, UnsureError

#: The answer that says which column holds the pictures, where there are several.
IMAGE_CHOICE = "image-column"

_LIKELY = ("image", "img", "picture", "photo", "pixel_values", "image_bytes", "png", "jpg")


def bytes_of(field: pa.Field) -> pa.DataType | None:
    """Return the type of the bytes of a column of pictures, None if it is none."""
    kind = field.type
    if pa.types.is_struct(kind) and kind.get_field_index("bytes") >= 0:
        kind = kind.field("bytes").type
        return kind if _is_binary(kind) else None
    return kind if _is_binary(kind) and field.name.lower() in _LIKELY else None


def _is_binary(kind: pa.DataType) -> bool:
    return pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_binary_view(kind)


def holds_bytes(kind: pa.DataType) -> bool:
    """Return whether a column of this type holds bytes somewhere, which no row of metadata can."""
    if pa.types.is_struct(kind):
        return any(holds_bytes(field.type) for field in kind)
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        return holds_bytes(kind.value_type)
    if pa.types.is_map(kind) or pa.types.is_dictionary(kind):
        return True
    return _is_binary(kind) or pa.types.is_fixed_size_binary(kind)


def chosen_column(name: str, schema: pa.Schema, choices: Mapping[str, str]) -> str:
    """Return the column of images to read: the one asked for, else the likeliest.

    Raises
    ------
    UserError
        If the one asked for holds no images, or nothing tells which of several is meant.
    """
    picture_columns = [field.name for field in schema if bytes_of(field) is not None]
    asked = choices.get(IMAGE_CHOICE)
    if asked is not None and asked not in picture_columns:
        raise UserError(
            f"{name} has no images in a column {asked!r}, but in {', '.join(picture_columns)}: choose one of them."
        )
    likely = [one for one in _LIKELY if one in picture_columns]
    if asked is None and len(picture_columns) > 1 and not likely:
        columns = ", ".join(picture_columns[:6])
        raise UnsureError(
            f"{name} has images in several columns ({columns}), expected one a row: say which.",
            [
                Fix("", f"There are images in the columns {columns}.", IMAGE_CHOICE, one, f"Use {one!r}")
                for one in picture_columns
            ],
            flags=f"--choice {IMAGE_CHOICE}=NAME",
        )
    return asked or (likely or picture_columns)[0]
