"""How the work on a run ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Outcome:
    """How a run ended: its state, a sentence if there is more to say, options with which it would go better."""

    state: str
    message: str = ""
    retry: dict[str, Any] = field(default_factory=dict)
