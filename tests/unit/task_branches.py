"""Finds code that chooses by the name of a task: comparisons, look-ups, and tables with a part for each task."""

from __future__ import annotations

import ast

KINDS = {"single-label", "multi-label", "keypoints", "regression"}
CLASSES = {
    "SingleLabel": "single-label",
    "MultiLabel": "multi-label",
    "Keypoints": "keypoints",
    "Regression": "regression",
}
#: What a reader of a format can be read as: no look-up, asked through `lib.tasks.wanted.Wanted.serves` alone.
DECLARED = "TASKS"


class _Kinds:
    """What of a module stands for the name of a task, or for a collection of them: literals and names bound to them."""

    def __init__(self, nodes: list[ast.AST]):
        self.named: dict[str, str] = {}
        self.collections: set[str] = set()
        for node in nodes:
            if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
                for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                    self._bind(target, node.value)

    def _bind(self, target: ast.AST, value: ast.AST) -> None:
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            for one, part in zip(target.elts, value.elts, strict=False):
                self._bind(one, part)
        elif isinstance(target, ast.Name):
            if (kind := self.of(value)) is not None:
                self.named[target.id] = kind
            elif self.is_collection(value):
                self.collections.add(target.id)

    def of(self, node: ast.AST | None) -> str | None:
        """Return the task that an expression names, None if it names none."""
        if isinstance(node, ast.Constant):
            return node.value if isinstance(node.value, str) and node.value in KINDS else None
        if isinstance(node, ast.Name):
            return self.named.get(node.id)
        if isinstance(node, ast.Attribute) and node.attr == "name":  # Keypoints.name, keypoints.Keypoints.name
            return CLASSES.get(getattr(node.value, "id", getattr(node.value, "attr", "")))
        return None

    def within(self, node: ast.AST) -> set[str]:
        """Return the tasks named anywhere in an expression."""
        return {kind for part in ast.walk(node) if (kind := self.of(part)) is not None}

    def is_collection(self, node: ast.AST) -> bool:
        """Return whether a tuple, list, set or dict has nothing but tasks, None or pairs of them, in it or as keys."""
        parts = node.keys if isinstance(node, ast.Dict) else getattr(node, "elts", None)
        return bool(parts) and any(map(self._is_kind, parts)) and all(self._is_kind(part, none=True) for part in parts)

    def _is_kind(self, part: ast.AST | None, *, none: bool = False) -> bool:
        if isinstance(part, ast.Starred):
            return getattr(part.value, "id", None) in self.collections or self.is_collection(part.value)
        if isinstance(part, ast.Tuple):  # (task, other task), (task, what is for it)
            return any(self.of(one) is not None for one in part.elts)
        return self.of(part) is not None or (none and isinstance(part, ast.Constant) and part.value is None)

    def is_table(self, node: ast.AST) -> bool:
        """Return whether something is said or done of each task: a dict with at least two, or only such, keys."""
        if isinstance(node, ast.Dict):
            return len(set(filter(None, map(self.of, node.keys)))) > 1 or self.is_collection(node)
        written = isinstance(node, ast.Set) or (
            isinstance(node, ast.Tuple | ast.List) and isinstance(node.ctx, ast.Load)
        )
        return written and self.is_collection(node)


def branches(code: str) -> list[int]:
    """Return the lines that choose by the name of a task: comparisons, membership, look-ups, tables, match, isinstance.

    A table counts where it is written, whoever looks into it; what a reader of a format declares as `DECLARED` is none.
    """
    tree = ast.parse(code)
    nodes = list(ast.walk(tree))  # once: walking is what takes long
    kinds, lines = _Kinds(nodes), set()
    declared = {
        id(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and [getattr(target, "id", "") for target in node.targets] == [DECLARED]
    }
    unpacked = {  # _S, _M = "single-label", "multi-label"
        id(node.value) for node in nodes if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple)
    }
    for node in nodes:
        if isinstance(node, ast.Compare):
            names = {getattr(part, "id", "") for part in [node.left, *node.comparators]}
            chooses = bool(kinds.within(node) or names & kinds.collections)
        elif isinstance(node, ast.match_case):
            chooses = bool(kinds.within(node.pattern))
        elif isinstance(node, ast.Call):
            function = getattr(node.func, "id", "")
            if function in ("isinstance", "issubclass"):
                named = {getattr(part, "id", getattr(part, "attr", "")) for part in ast.walk(node)}
                chooses = bool(named & set(CLASSES))
            else:
                words = [keyword for keyword in node.keywords if keyword.arg and keyword.arg in KINDS]
                chooses = function == "dict" and len(words) > 1
        elif id(node) in declared | unpacked:
            chooses = False
        else:
            chooses = kinds.is_table(node)
        if chooses:
            lines.add(node.lineno if hasattr(node, "lineno") else node.pattern.lineno)
    return sorted(lines)
