"""Names of modules and of what they define, as a registry writes them."""

from __future__ import annotations

import msgspec


class SymbolPath(msgspec.Struct, frozen=True, order=True):
    """A module, or a name that a module binds.

    Args:
        module: Dotted module name, `package.module`.
        name: What the module binds, `Thing` or `Class.attr`; empty for the module itself.
    """

    module: str
    name: str = ""

    @classmethod
    def parse(cls, text: str) -> SymbolPath:
        """Read `package.module:Name`, `package.module:Class.attr` or a dotted path.

        Raises:
            ValueError: A part is empty or not an identifier; the message says which.
        """
        module, colon, name = text.partition(":")
        for part in module.split("."):
            _require_identifier(part, text)
        if colon:
            for part in name.split("."):
                _require_identifier(part, text)
        return cls(module, name)

    @property
    def is_module(self) -> bool:
        """Whether the path names no symbol behind the module."""
        return not self.name

    @property
    def leaf(self) -> str:
        """The last identifier, which every mention of the path must spell."""
        return (self.name or self.module).rpartition(".")[2]

    @property
    def dotted(self) -> str:
        """The path with dots only, as code spells it."""
        return f"{self.module}.{self.name}" if self.name else self.module

    def child(self, name: str) -> SymbolPath:
        """The path of `name` inside this module or class."""
        return SymbolPath(self.module, f"{self.name}.{name}" if self.name else name)

    def __str__(self) -> str:
        return f"{self.module}:{self.name}" if self.name else self.module


def _require_identifier(part: str, text: str) -> None:
    if not part.isidentifier():
        shown = part or "an empty part"
        raise ValueError(f"{text!r} is not a dotted path: {shown!r} is no Python identifier")
