"""One page that needs nothing else: style, script and content in one file.

All text of the scanned tree passes `visible` and Jinja's escaping, whatever the template. The
policy of the page lets nothing be loaded, and nothing run but what it names by hash: the style and
the script.
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from ssot_migrate._version import __version__
from ssot_migrate.domain.overview import State
from ssot_migrate.reporting.counted import counted
from ssot_migrate.reporting.marked import parts
from ssot_migrate.reporting.page.chart import chart_of
from ssot_migrate.reporting.page.words import (
    KINDS_OF_IMPORT,
    RISKS,
    series,
    share,
    standing,
    tallies,
    titles,
)
from ssot_migrate.reporting.progress import words
from ssot_migrate.reporting.sanitize import visible, visible_block

if TYPE_CHECKING:
    from ssot_migrate.domain.overview import Overview

MAX_ERRORS = 200
MAX_HOMES = 1_000
MAX_OLD_PATHS = 30
"""Of one home."""

_PACKAGE = "ssot_migrate.reporting.page"
_SCRIPTS = ("tables.js", "graph.js")
_LONGEST_LINE = 160
_JOINT = re.compile(r"([.:/])(?=\w)")
_POLICY = (
    "default-src 'none'; style-src '{style}'; script-src '{script}'; base-uri 'none'; "
    "form-action 'none'; require-trusted-types-for 'script'"
)


def render(view: Overview) -> str:
    """Write the page; the same bytes for the same report."""
    style = _asset("page.css")
    script = "".join(map(_asset, _SCRIPTS))
    errors = view.scan.errors
    return (
        _environment()
        .get_template("page.html")
        .render(
            view=view,
            sections=titles(view),
            policy=_POLICY.format(style=_digest(style), script=_digest(script)),
            style=Markup(style),
            script=Markup(script),
            version=__version__,
            rules={rule.code: rule.summary for rule in view.scan.rules},
            tallies=tallies(view),
            done=sum(home.state is State.DONE for home in view.homes),
            to_do=sum(home.state is not State.SINGLE for home in view.homes),
            read_concepts=sorted({view.home(one.home).name for one in view.readers}),
            read_risks=sorted({view.home(one.home).risk for one in view.readers} - {""}),
            most_homes=MAX_HOMES,
            most_old=MAX_OLD_PATHS,
            errors=errors[:MAX_ERRORS],
            hidden_errors=max(0, len(errors) - MAX_ERRORS),
            **_history(view),
        )
    )


def _history(view: Overview) -> dict[str, Any]:
    """What the section about the history needs."""
    if view.progress is None:
        return {}
    return {
        "chart": chart_of(view.progress),
        "headline": words.headline(view.progress),
        "outlook": tuple(words.outlook(view.progress)),
        "groups": tuple(series(view.progress)),
        "label": words.label,
    }


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader(_PACKAGE),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_harmless,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(dotted=_dotted, prose=_sentence, source=_source, standing=standing)
    environment.globals.update(
        counted=counted, share=share, risks=RISKS, kinds_of_import=KINDS_OF_IMPORT
    )
    return environment


def _harmless(value: object) -> object:
    """Spell out what a reader would not see, before Jinja escapes the rest."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _sentence(sentence: str) -> Markup:
    """A sentence of ours: what stands between backticks is code, the rest is text."""
    return Markup("").join(
        Markup("<code>{}</code>").format(visible(part)) if is_code else visible(part)
        for part, is_code in parts(sentence)
    )


def _dotted(name: str) -> Markup:
    """A name or a path that may be broken where a reader would break it."""
    return Markup(_JOINT.sub(r"\1<wbr>", str(escape(visible(name)))))


def _source(line: str) -> Markup:
    shown = visible_block(line.rstrip("\r\n"))
    return escape(shown if len(shown) <= _LONGEST_LINE else f"{shown[: _LONGEST_LINE - 1]}…")


def _asset(name: str) -> str:
    return resources.files(_PACKAGE).joinpath(name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    """How a policy names a piece of style or script that may run."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
