"""The model: the only package, with the worker, that imports torch and fastai at the top."""

import sys
from typing import Any, cast

# timm loads W&B where it is installed, which a worker has no use for.
if "wandb" not in sys.modules:
    cast("dict[str, Any]", sys.modules)["wandb"] = None
    try:
        import timm  # noqa: F401
    finally:
        del sys.modules["wandb"]
