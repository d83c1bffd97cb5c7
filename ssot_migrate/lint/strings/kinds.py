"""What dotted strings are for: who will read them, and as what."""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING

from ssot_migrate.domain.finding import Category
from ssot_migrate.resolve.resolution import Kind as Found

if TYPE_CHECKING:
    from ssot_migrate.index.facts import DottedString
    from ssot_migrate.lint.project import Project


class StringKind(str, Enum):
    """What a dotted string is for."""

    MOCK = "mock"
    """The target of a patch."""
    IMPORT = "import_module"
    """The argument of a function that imports."""
    ENTRY_POINT = "entry-point"
    SETTING = "setting"
    """What a framework imports: settings, URL configurations, logging handlers."""
    LOGGING = "logging"
    """The name of a logger, or of a module in a filter of warnings."""
    WIRE = "wire"
    """A name that other processes or stored data know."""
    DATA = "data"
    """Anything else."""


_MOCKS = ("unittest.mock", "mock", "mock.mock", "asynctest", "asynctest.mock")
_PATCHES = {
    f"{mock}.patch{method}" for mock in _MOCKS for method in ("", ".dict", ".multiple", ".object")
}
_MOCKERS = re.compile(
    r"(?:.*\.)?(?:(?:class_|module_|package_|session_)?mocker)\.patch(?:\.(?:dict|multiple))?"
)
_IMPORTERS = {
    "importlib.import_module",
    "importlib.util.find_spec",
    "importlib.find_loader",
    "__import__",
    "builtins.__import__",
    "pytest.importorskip",
    "pkgutil.resolve_name",
    "pydoc.locate",
    "runpy.run_module",
    "django.utils.module_loading.import_string",
    "werkzeug.utils.import_string",
    "celery.utils.imports.symbol_by_name",
    "kombu.utils.imports.symbol_by_name",
    "twisted.python.reflect.namedAny",
}
_SETTINGS_FILE = re.compile(
    r"(?:^|/)(?:[^/]*settings[^/]*/.*|conf/.*|config/.*|\w*settings\w*|conf|config|\w+_config"
    r"|\w+_conf|celeryconfig|celery|celery_app|gunicorn\w*|defaults)\.py$"
)
_TEST_SETTINGS_FILE = re.compile(r"(?:^|/)\w*settings\w*\.py$")
_SETTING_CALLS = {"include", "override_settings", "modify_settings", "configure"}
_SETTING_KEYS = {"()", "class", "_target_", "DJANGO_SETTINGS_MODULE"}
_SETTING_NAMES = {"default_app_config", "default_auto_field", "DJANGO_SETTINGS_MODULE"}
_LABEL_CALLS = {"ForeignKey", "OneToOneField", "ManyToManyField", "get_model", "swappable"}
_LABEL = re.compile(r"[A-Z0-9_]*_MODEL")
_LOGGER_CALLS = {"getLogger", "get_logger", "assertLogs", "assertNoLogs"}
_WIRE_CALLS = {"send_task", "signature", "subtask", "register_task"}
_WIRE_DECORATORS = {"task", "shared_task", "periodic_task", "activity", "workflow", "defn"}
_WIRE_HOLDERS = re.compile(r"(?i).*(?:task_?routes|task_?annotations|beat_?schedule|_routes)")
_WIRE_KEYS = {"polymorphic_identity", "__module__", "__qualname__", "task_name"}


class Kinds:
    """Tells what dotted strings are for.

    Args:
        project: The project.
    """

    def __init__(self, project: Project) -> None:
        self._project = project
        self._callees: dict[tuple[str, str], str] = {}

    def of(self, path: str, text: DottedString) -> StringKind | None:
        """The kind of a string in the file at `path`; None for what is no path (an app's label)."""
        if text.form == "entry":
            is_setup = path.rpartition("/")[2] == "setup.py"
            return StringKind.ENTRY_POINT if is_setup else StringKind.DATA
        if self._is_patch(path, text):
            return StringKind.MOCK
        if text.argument == 0 and self.callee(path, text.callee) in _IMPORTERS:
            return StringKind.IMPORT
        if _is_label(text):
            return None
        if _is_logger(text):
            return StringKind.LOGGING
        if _is_wire(text):
            return StringKind.WIRE
        return StringKind.SETTING if self._is_setting(path, text) else StringKind.DATA

    def callee(self, path: str, callee: str) -> str:
        """The called function's own path where it comes from outside the tree.

        A name that the file does not import is given as it is: a fixture, a builtin. A function
        of the tree gives nothing.
        """
        key = (path, callee)
        if key not in self._callees:
            self._callees[key] = self._resolved(path, callee)
        return self._callees[key]

    def _resolved(self, path: str, callee: str) -> str:
        head, _, rest = callee.partition(".")
        facts = self._project.facts(path)
        if facts is None or not head:
            return ""
        resolver = self._project.resolver
        for statement in facts.imports:
            if statement.bound == head:
                found = resolver.reference(path, statement, rest)
                return found.symbol.dotted if found.kind is Found.EXTERNAL else ""
        if any(binding.name == head for binding in facts.bindings):
            found = resolver.bound(path, head)
            if found.kind is not Found.EXTERNAL:
                return ""
            return f"{found.symbol.dotted}.{rest}" if rest else found.symbol.dotted
        # Nothing else is called like this, whether a star binds it, a fixture or nothing at all.
        return f"unittest.mock.{callee}" if head == "patch" else callee

    def _is_imported(self, path: str, callee: str) -> bool:
        facts = self._project.facts(path)
        head = callee.partition(".")[0]
        return facts is not None and any(one.bound == head for one in facts.imports)

    def _is_patch(self, path: str, text: DottedString) -> bool:
        call, leaf = text.callee or text.holder, text.callee.rpartition(".")[2]
        if leaf in ("setattr", "delattr", "setitem", "delitem"):
            # Of pytest's MonkeyPatch: the builtin takes an object first.
            if "." not in text.callee or self._is_imported(path, text.callee):
                return False
            if leaf.endswith("item"):
                return text.argument == 1 and text.beside == "sys.modules"
            return text.argument == 0
        found = self.callee(path, call)
        if found not in _PATCHES and not _MOCKERS.fullmatch(found):
            return False
        if not text.callee:
            return found.endswith(".dict") and text.form == "key"
        return text.argument == 0 or text.keyword in ("target", "in_dict")

    def _is_setting(self, path: str, text: DottedString) -> bool:
        held, called = text.holder.rpartition(".")[2], text.callee.rpartition(".")[2]
        if called == "include" and text.argument == 0:
            return True
        names = {text.beside, text.key, held}
        if text.key in _SETTING_KEYS or not names.isdisjoint(_SETTING_NAMES):
            return True
        if called in _SETTING_CALLS or held in _SETTING_CALLS:
            return text.keyword.isupper() or text.key.isupper()
        is_production = self._project.category(path) is Category.PRODUCTION
        if not (_SETTINGS_FILE if is_production else _TEST_SETTINGS_FILE).search(path):
            return False
        # `INSTALLED_APPS.append("app")` names the setting in the called chain.
        owner = text.callee.rpartition(".")[0].rpartition(".")[2]
        return any(name.isupper() for name in (held, owner))


def _is_label(text: DottedString) -> bool:
    """Whether a string is Django's `app.Model`, which is no path."""
    if text.value.count(".") != 1 or ":" in text.value:
        return False
    called = text.callee.rpartition(".")[2]
    held = text.holder.rpartition(".")[2]
    return called in _LABEL_CALLS or bool(_LABEL.fullmatch(held) or _LABEL.fullmatch(text.key))


def _is_logger(text: DottedString) -> bool:
    leaf = text.callee.rpartition(".")[2]
    if text.form == "key" and "LOG" in text.holder and text.holder.isupper():
        return True
    if text.form == "pattern" or (text.keyword == "module" and leaf == "filterwarnings"):
        return True
    if text.keyword == "logger" or (text.form == "key" and text.key == "loggers"):
        return True
    if leaf in ("at_level", "set_level"):
        return text.argument == 1
    return leaf in _LOGGER_CALLS and text.argument == 0


def _is_wire(text: DottedString) -> bool:
    leaf = text.callee.rpartition(".")[2]
    if leaf in _WIRE_CALLS and (text.argument == 0 or text.keyword == "name"):
        return True
    if leaf in _WIRE_DECORATORS and text.keyword == "name":
        return True
    if text.key in _WIRE_KEYS or text.holder.rpartition(".")[2] in _WIRE_KEYS:
        return True
    for around in (text.holder, text.key):
        if _WIRE_HOLDERS.fullmatch(around):
            return True
    return text.key == "task" and "schedule" in text.holder.lower()
