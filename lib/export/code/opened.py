"""How a script has to open the pictures of a dataset, so that it sees what the run saw."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from lib.core import bands, deep, picture_files
from lib.core.dataset import Dataset, PictureError
from lib.core.depth import Rule, ValueRange
from lib.core.errors import UserError, unread
from lib.tasks.code.base import Lines

#: Why pictures are squished.
SQUISHED = "Every picture is squished to a square, so that all of it is seen."
_GRAY = ("I", "F")


@dataclass
class Needs:
    """What pictures need beside fastai's own opening, and how many have what a script cannot do as the app does."""

    turn: bool = False
    white: bool = False
    gray: bool = False
    others: int = 0
    _seen: set[str] = field(default_factory=set)

    @property
    def is_plain(self) -> bool:
        """Whether fastai opens them all as the app does."""
        return not (self.turn or self.white or self.gray)


def needs(dataset: Dataset, rows: Iterable[int]) -> Needs:
    """Look at the headers of pictures, whose bytes have to be those that were imported; nothing is decoded.

    Raises
    ------
    UserError
        If one is gone, has changed or is damaged.
    """
    needed = Needs()
    for row in rows:
        try:
            with dataset.opened(row) as source, picture_files.opened(source) as file:
                image = picture_files.header(file)
                needed.turn |= image.getexif().get(bands.ORIENTATION, bands.UPRIGHT) != bands.UPRIGHT
                if deep.is_deep(image):
                    is_gray = image.mode.startswith(_GRAY) and isinstance(dataset.value_range, ValueRange)
                    inverted = (layout := deep.layout(image)) is not None and layout.inverted
                    needed.gray |= is_gray
                    needed.others += not is_gray or inverted
                else:
                    needed.white |= image.has_transparency_data
        except (PictureError, picture_files.UnreadableImageError) as error:
            # Excluding it alone does not help: the run's revision of the dataset has it still.
            raise UserError(
                f"The image {dataset.files[row]} of {dataset.name} {_fault(error)}: put back the one that the run was "
                "trained with, or exclude the image and train again."
            ) from error
    return needed


def _fault(error: Exception) -> str:
    """Return what is wrong with a picture that could not be opened because of ``error``."""
    cause = error.__cause__ if isinstance(error, PictureError) else error
    if cause is None:
        return "has changed since it was imported"
    return f"cannot be read any more ({unread(cause)})"


def lines(needed: Needs, rule: Rule) -> str:
    """Return the definition of ``opened(file)``."""
    code = ["def opened(file):", '    "The picture as people see it, in 8-bit RGB."', "    image = Image.open(file)"]
    if needed.turn:
        code.append("    image = ImageOps.exif_transpose(image)  # upright, as its EXIF data say")
    if needed.gray and isinstance(rule, ValueRange):
        code += [
            '    if image.mode.startswith(("I", "F")):  # one range of values for all pictures becomes 0 to 255',
            "        values = np.asarray(image).astype(np.float64)",
            f"        values = (values - {rule.black!r}) * (255 / {rule.white - rule.black!r})",
            "        values = np.nan_to_num(values, nan=0, posinf=255, neginf=0).clip(0, 255)",
            "        image = Image.fromarray(np.rint(values).astype(np.uint8))",
        ]
    if needed.white:
        code += [
            "    if image.has_transparency_data:  # what is transparent is white",
            '        image = image.convert("RGBA")',
            '        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)',
        ]
    return "\n".join([*code, '    return image.convert("RGB")'])


def squished(needed: Needs, rule: Rule) -> Lines:
    """Return the definition of ``squished(row)``, which opens a picture of the table as the run saw it."""
    code = (
        f"{lines(needed, rule)}\n\n"
        "def squished(row):\n"
        "    return opened(PICTURES / row['file']).resize((SIZE, SIZE), Image.Resampling.BILINEAR)"
    )
    return Lines(code, SQUISHED)
