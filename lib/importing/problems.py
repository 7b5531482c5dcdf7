"""Problems of a source: what was noted of each kind, with the first examples."""

from __future__ import annotations

from dataclasses import dataclass, field

from lib.core import sentences
from lib.importing.problem_kinds import KINDS

#: Examples of each kind in the report.
MAX_EXAMPLES = 20


@dataclass
class Problems:
    """Problems found so far, counted by kind, with the first examples of each."""

    examples: dict[str, list[str]] = field(default_factory=dict)
    #: Stands for ``{range}`` in sentences.
    value_range: str = ""

    def add(self, kind: str, example: str) -> None:
        """Note one more ``kind``; ``example`` says where."""
        if kind not in KINDS:
            raise KeyError(kind)
        # Halves of characters, as JSON can hold, are in no file and on no page.
        self.examples.setdefault(kind, []).append(example.encode(errors="replace").decode())

    def forget(self, kind: str) -> None:
        """Take back all that was noted of a kind."""
        self.examples.pop(kind, None)

    def take(self, others: Problems) -> None:
        """Note all that ``others`` have noted."""
        for kind, examples in others.examples.items():
            self.examples.setdefault(kind, []).extend(examples)

    def to_json(self) -> list[dict]:
        """Return ``kind``, ``count``, ``sentence`` and at most 20 ``examples`` of each kind."""
        return [
            {
                "kind": kind,
                "count": len(self.examples[kind]),
                "sentence": sentences.sentence(len(self.examples[kind]), *self._words(kind)),
                "examples": self.examples[kind][:MAX_EXAMPLES],
            }
            for kind in KINDS
            if kind in self.examples
        ]

    def _words(self, kind: str) -> tuple[str, str]:
        one, several = (text.replace("{range}", self.value_range) for text in KINDS[kind])
        return one, several
