"""What each file is for, by default and as a registry says."""

from __future__ import annotations

import time

import pytest

from ssot_migrate.config.model import Registry
from ssot_migrate.domain.finding import Category
from ssot_migrate.workspace.categories import Classifier


@pytest.mark.parametrize(
    ("path", "category"),
    [
        ("app/engine.py", Category.PRODUCTION),
        ("app/contest.py", Category.PRODUCTION),
        ("app/testing/tools.py", Category.PRODUCTION),
        ("tests/helpers.py", Category.TEST),
        ("app/test/helpers.py", Category.TEST),
        ("app/test_engine.py", Category.TEST),
        ("engine_test.py", Category.TEST),
        ("conftest.py", Category.TEST),
        ("scripts/fix.py", Category.SCRIPT),
        ("bin/fix.py", Category.SCRIPT),
        ("app/engine_backup.py", Category.BACKUP),
        ("app/engine.backup.py", Category.BACKUP),
        ("app/engine.py.backup_20250101/engine.py", Category.BACKUP),
        ("app/rpc_pb2.py", Category.GENERATED),
        ("app/rpc_pb2.pyi", Category.GENERATED),
    ],
)
def test_the_default_categories(path: str, category: Category) -> None:
    assert Classifier(Registry()).category(path) is category


@pytest.mark.parametrize(
    ("path", "category"),
    [
        ("backup/tests/test_a.py", Category.BACKUP),
        ("tests/backup/test_a.py", Category.BACKUP),
        ("tests/rpc_pb2.py", Category.GENERATED),
        ("scripts/test_fix.py", Category.TEST),
        ("tests/scripts/fix.py", Category.TEST),
    ],
)
def test_backup_wins_over_generated_over_test_over_script(path: str, category: Category) -> None:
    assert Classifier(Registry()).category(path) is category


def test_patterns_may_be_anchored_and_take_back() -> None:
    registry = Registry(
        backup=("old/*.py",), tests=("checks/**", "!checks/lib/**"), scripts=("/manage.py",)
    )
    category = Classifier(registry).category
    assert category("old/a.py") is Category.BACKUP
    assert category("old/pkg/a.py") is Category.PRODUCTION
    assert category("checks/a.py") is Category.TEST
    assert category("checks/lib/a.py") is Category.PRODUCTION
    assert category("manage.py") is Category.SCRIPT
    assert category("app/manage.py") is Category.PRODUCTION


def test_ten_thousand_paths_take_no_time() -> None:
    paths = [f"pkg{n % 900}/sub/{'test_' * (n % 2)}module_{n}.py" for n in range(10_000)]
    classifier = Classifier(Registry())
    start = time.process_time()
    for path in paths:
        classifier.category(path)
    # Measured: 15 ms. The bound only tells linear from worse.
    assert time.process_time() - start < 0.5
