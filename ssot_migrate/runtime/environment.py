"""How environment variables say yes and no."""

from __future__ import annotations

_FLAGS = {
    **dict.fromkeys(("true", "1", "yes", "on"), True),
    **dict.fromkeys(("false", "0", "no", "off"), False),
}


def parse_flag(text: str) -> bool:
    """Read a yes or no, in any case.

    Raises:
        ValueError: It is neither; the message says what is accepted.
    """
    flag = _FLAGS.get(text.strip().lower())
    if flag is None:
        raise ValueError(f"{text!r} is neither true nor false (also 1/0, yes/no, on/off)")
    return flag
