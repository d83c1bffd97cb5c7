"""Entry point of the command and of `python -m ssot_migrate`.

`python -m` puts the working directory in front of everything else that can be imported, and
PYTHONPATH may name it too. Where that is the tree to be scanned, its own `click.py` or `json.py`
would be run. So this module imports nothing, not even `__future__`, before `_leave_the_tree`.
"""

# ruff: noqa: I002

# The interpreter has imported both before it looked at the tree.
import os
import sys


def _leave_the_tree() -> None:
    """Import nothing from the working directory or above it, nor from below but what is installed.

    What the interpreter imported before this line, it imported: `python -I -m ssot_migrate` and
    the command `ssot-migrate` without PYTHONPATH import nothing of the tree at all.
    """
    try:
        here = os.path.realpath(os.getcwd())
    except OSError:
        sys.path[:] = [entry for entry in sys.path if os.path.isabs(entry)]
        return
    package = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
    kept = {package, *map(os.path.realpath, _installation())}
    library = os.path.dirname(os.path.realpath(os.__file__))
    sys.path[:] = [
        entry
        for entry in sys.path
        if (place := os.path.realpath(entry)) in kept
        or _is_below(place, library)
        or not (_is_below(place, here) or _is_below(here, place))
    ]


def _installation() -> list[str]:
    """The folders of installed packages; a project may keep its environment in its own folder."""
    site = sys.modules.get("site")
    return [] if site is None else [*site.getsitepackages(), site.getusersitepackages()]


def _is_below(place: str, folder: str) -> bool:
    """Whether a folder is the other or lies in it."""
    return place == folder or place.startswith(os.path.join(folder, ""))


_leave_the_tree()

_NEW_OBJECTS = 50_000
"""How many are made between two searches for garbage; Python's own number is 700."""


def main() -> None:
    """Run the command line; `--version` is answered before anything heavy is imported."""
    try:
        if sys.argv[1:] in (["--version"], ["-V"]):
            from ssot_migrate._version import __version__

            sys.exit(_say(f"ssot-migrate {__version__}\n"))
        import gc

        from ssot_migrate.cli import run

        # Facts are many and no garbage.
        gc.set_threshold(_NEW_OBJECTS)
        _leave(run(sys.argv[1:]))
    except KeyboardInterrupt:  # before the command line could take care of it
        sys.exit(130)


def _leave(code: int) -> None:
    """End the process at once: the system takes a large index back sooner than Python frees it."""
    import atexit

    atexit._run_exitfuncs()  # those of plug-ins, and of who measures what they cover
    try:
        for stream in filter(None, (sys.stdout, sys.stderr)):
            stream.flush()
    except (OSError, ValueError):  # the interpreter says what is wrong with it
        sys.exit(code)
    os._exit(code)


def _say(text: str) -> int:
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except (OSError, AttributeError):
        # Standard output is full or closed; the interpreter must not try again while it ends.
        sys.stdout = None
        return 2
    return 0


if __name__ == "__main__":
    main()
