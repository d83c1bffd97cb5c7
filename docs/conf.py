"""How Sphinx makes the site of these pages: `make site`.

The pages are plain Markdown and read the same in the repository. What the site loads comes with it:
no fonts, scripts or pictures from elsewhere, and the search runs in the reader's browser.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssot_migrate import __version__

if TYPE_CHECKING:
    from sphinx.application import Sphinx

project = "ssot-migrate"
release = __version__
html_title = f"ssot-migrate {release}"

extensions = ["myst_parser", "sphinx_copybutton"]
exclude_patterns = ["_build"]
nitpicky = True

# Headings are linked to as on a forge: `page.md#the-heading`.
myst_heading_anchors = 4
copybutton_prompt_text = "$ "
copybutton_exclude = ".linenos, .gp, .go"

html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False

# Pages that lie elsewhere in the repository, and those that take them in.
_ELSEWHERE = {
    "../README.md": "index.md",
    "../CHANGELOG.md": "changelog.md",
    "../CONTRIBUTING.md": "contributing.md",
    "../fixtures/agent_platform/README.md": "demo.md",
}
_RULE_PAGES = """
```{toctree}
:hidden:
:glob:

SSOT*
```
"""


def setup(app: Sphinx) -> None:
    """Put in what the pages, which are plain Markdown in the repository, leave out."""

    def complete(_app: Sphinx, name: str, content: list[str]) -> None:
        for path, page in _ELSEWHERE.items():
            content[0] = content[0].replace(f"]({path}", f"]({page}")
        if name == "rules/README":
            content[0] += _RULE_PAGES

    app.connect("source-read", complete)
