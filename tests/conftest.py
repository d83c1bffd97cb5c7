"""What holds for every test."""

from __future__ import annotations

import gc
import signal

# Whoever starts the tests in the background of a script has them ignore Ctrl-C. Processes that
# tests start would inherit that, and never obey the tests; they do not inherit a handler.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, lambda _number, _frame: None)


def pytest_collection_finish() -> None:
    """Spare the thousands of tests themselves from every later search for garbage."""
    gc.collect()
    gc.freeze()
