"""SSOT310: a message about legacy code is logged as a warning."""

from __future__ import annotations

from ssot_migrate.lint.rule import Example
from ssot_migrate.rewrite.pattern_rule import PatternRule

_REGISTRY = """
[[calls]]
name = "legacy-warning"
rule = "log-level"
match = "$logger.warning($message, $$$rest)"
replace = "$logger.debug($message, $$$rest)"
message = "it is logged for every request, and nobody can do anything about it"

[calls.where]
"$logger" = { type = ["logging:Logger"], made-by = ["app.logs:get_logger"] }
"$message" = { text = ["using the legacy *", "falling back to legacy*"] }
"""
_TREE = {
    "app/__init__.py": "",
    "app/logs.py": """
    import elsewhere

    def get_logger(name):
        return elsewhere.logger.bind(name=name)
    """,
}


class LogLevel(PatternRule):
    """A message is logged at another level than the registry says.

    While old and new code stand side by side, warnings of the old code drown those that matter.
    Which messages are meant stands in `text` of an entry of `[[calls]]`, word for word; `*` stands
    for anything, such as what an f-string fills in. The logger must be one: an instance of a class,
    or made by one of the functions in `made-by`.

    Not flagged: other messages. No message is guessed to be about legacy code.
    """

    code = "SSOT310"
    valid = (
        Example(
            "another message, and another level",
            {
                **_TREE,
                "app/use.py": """
                import logging

                logger = logging.getLogger(__name__)

                def run():
                    logger.warning("a legacy module is missing")
                    logger.info("using the legacy engine")
                """,
            },
            _REGISTRY,
        ),
    )
    invalid = (
        Example(
            "a logger of the standard library, and one of the project's",
            {
                **_TREE,
                "app/use.py": """
                import logging

                from app.logs import get_logger

                logger = logging.getLogger(__name__)
                own = get_logger(__name__)

                def run(error):
                    logger.warning("using the legacy %s", "engine")
                    own.warning(f"falling back to legacy: {error}")
                """,
            },
            _REGISTRY,
            ("app/use.py:9", "app/use.py:10"),
        ),
        Example(
            "for a person: nobody knows whether this is a logger",
            {
                **_TREE,
                "app/use.py": """
                def run(logger):
                    logger.warning("using the legacy engine")
                """,
            },
            _REGISTRY,
            ("app/use.py:2",),
        ),
    )
