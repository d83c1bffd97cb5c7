"""Entry point of the command and of `python -m ssot_migrate`."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line; `--version` is answered before anything heavy is imported."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        from ssot_migrate._version import __version__

        sys.stdout.write(f"ssot-migrate {__version__}\n")
        return
    from ssot_migrate.cli import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
