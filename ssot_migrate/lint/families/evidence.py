"""What a comparison of two definitions has to say, a sentence each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate.lint.families.similarity import overlap, parameter_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ssot_migrate.index.facts import Shape
    from ssot_migrate.lint.families.definitions import Definitions, Site
    from ssot_migrate.lint.families.similarity import Overlap

_SHOWN = 6


def compared(
    definitions: Definitions, site: Site, other: Site, called: str = "the canonical"
) -> tuple[str, ...]:
    """How `site` differs from `other`, what both weigh and who reads them."""
    said = []
    if site.deprecation:
        said.append("it announces its own deprecation")
    if definitions.have_equal_bodies(site, other):
        said.append(f"its body is the same as that of {called}")
    if site.kind == other.kind == "class":
        said += _classes(definitions, site, other, called)
    elif "class" in (site.kind, other.kind):
        said.append(f"a {site.kind} here, a {other.kind} there")
    else:
        said += _functions(site.shape, other.shape, called)
    said.append(f"{count(site.lines, 'line')}; {called} has {other.lines}")
    readers, others = definitions.readers(site), definitions.readers(other)
    said.append(f"imported by {count(readers, 'file')}; {called} by {others}")
    return tuple(said)


def _classes(definitions: Definitions, site: Site, other: Site, called: str) -> list[str]:
    if definitions.extends(site, other):
        own = {member.name for member in site.shape.members}
        known = definitions.api(other)
        return [
            f"it extends {called} and overrides {len(own & set(known))} "
            f"of its {count(len(known), 'public member')}"
        ]
    common = overlap(definitions.api(site), definitions.api(other))
    if not common.shared and not common.is_disjoint:
        return [f"neither it nor {called} has public members"]
    said = [_shared(common, called)]
    if common.callables:
        said.append(
            f"{common.same_signature} of {count(common.callables, 'shared method')} "
            f"{'has' if common.same_signature == 1 else 'have'} the same signature"
        )
    if definitions.extends(other, site):
        said.append(f"{called} extends it")
    return said


def _shared(common: Overlap, called: str) -> str:
    total = len(common.shared) + len(common.only_right)
    text = f"{len(common.shared)} of {count(total, 'public member')} shared"
    if common.only_left:
        text += f"; only here: {listed(common.only_left)}"
    if common.only_right:
        text += f"; only in {called}: {listed(common.only_right)}"
    return text


def _functions(shape: Shape, other: Shape, called: str) -> list[str]:
    if shape.signature is None or other.signature is None:
        return []
    if shape.signature == other.signature:
        return [f"it has the signature of {called}"]
    said = []
    here, there = (", ".join(parameter_names(s)) for s in (shape.signature, other.signature))
    if here != there:
        said.append(f"parameters ({here}); {called} has ({there})")
    if shape.signature.returns != other.signature.returns:
        said.append(f"returns {shape.signature.returns}; {called} {other.signature.returns}")
    return said or ["other defaults"]


def listed(names: Sequence[str]) -> str:
    """The first few names, and how many more there are."""
    rest = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {rest} more" if rest > 0 else "")


def count(number: int, noun: str) -> str:
    """`1 file`, `2 files`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
