"""Whatever a name is, the page and the document have the same shape."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from ssot_migrate.domain.finding import Category, FileError, Finding, Severity
from ssot_migrate.domain.graph import GraphEdge
from ssot_migrate.domain.overview import (
    Cell,
    Home,
    Neighbourhood,
    Node,
    OldPath,
    Overview,
    Reader,
    Row,
    Shown,
    Sibling,
    Siblings,
    State,
)
from ssot_migrate.domain.report import RuleInfo, ScanReport
from ssot_migrate.reporting.page import FORMATS, render

HOSTILE = (
    "</script><script>alert(1)</script>",
    "<!--",
    "]]>",
    "' onload='alert(1)",
    '" onload="alert(1)',
    "{{ 7 * 7 }}{% raw %}",
    "a|b`c`\\d[e](javascript:f)",
    "\u2028\u202e\udc80\x00\x1b[31m",
)
texts = st.sampled_from(HOSTILE) | st.text(min_size=1, max_size=20)


def overview(text: str) -> Overview:
    """A report in which every text is this one."""
    finding = Finding(
        code="SSOT201",
        name=text,
        severity=Severity.ERROR,
        path=text,
        line=2,
        message=text,
        concept=text,
        chain=(text, text),
        evidence=(text,),
    )
    old = OldPath(
        path=text, safety="safe", remove_by=None, reason=text, place=text, is_shim=True, readers=1
    )
    home = Home(
        number=1,
        name=text,
        is_concept=True,
        canonical=text,
        place=text,
        owner=text,
        risk="high",
        reason=text,
        since=None,
        remove_by=None,
        old=(old,),
        state=State.UNDER_WAY,
        migrated=1,
        left=1,
        left_by_category={"test": 1},
        findings=1,
    )
    reader = Reader(
        path=text,
        lines=(1,),
        category=Category.TEST,
        owners=(text,),
        home=1,
        reads=text,
        use=text,
        how=(text,),
        safety="safe",
    )
    sibling = Sibling(
        symbol=text, path=text, line=1, kind="duplicate", lines=3, readers=1, evidence=(text,)
    )
    family = Siblings(
        name=text,
        is_concept=True,
        canonical=text,
        evidence=(text,),
        members=(sibling, sibling),
        hidden_members=1,
        rows=(Row(text, (Cell("same", text), Cell("missing"))),),
        hidden_rows=1,
    )
    graph = Neighbourhood(
        home=1,
        nodes={text: Node(text, "reader", Category.TEST)},
        edges=(GraphEdge(text, text, "lazy", text, 1),),
        hidden=1,
    )
    scan = ScanReport(
        root=".",
        files=1,
        findings=(finding,),
        errors=(FileError(text, text),),
        rules=(RuleInfo("SSOT201", text, text, Severity.ERROR),),
        notes=(text,),
    )
    return Overview(
        title=text,
        registry=text,
        revision=None,
        day=None,
        scan=scan,
        homes=(home,),
        readers=(reader,),
        hidden_readers=(1, 1),
        left=1,
        migrated=1,
        families=(family,),
        hidden_families=1,
        graphs=(graph,),
        hidden_graphs=1,
        findings=(Shown(finding, "", text, (text,), {1: text, 2: text}),),
        hidden_findings=1,
        by_owner={text: 1},
        progress=None,
        notes=(text,),
    )


class Shape(HTMLParser):
    """The tags of a page with the names of their attributes, without what breaks a long name."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("wbr", "code"):
            self.tags.append((tag, tuple(name for name, _ in attrs)))


# A sentence may begin like an item of a list, and do no harm.
MADE_OF_MARKDOWN = {
    *("h1", "h2", "h3", "p", "code", "ul", "ol", "li", "hr", "pre"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
HARMLESS = Shape(render(overview("name"), "html")).tags


@given(texts)
@settings(max_examples=60)
def test_no_text_changes_the_shape_of_the_page(text: str) -> None:
    page = render(overview(text), "html")
    assert Shape(page).tags == HARMLESS
    page.encode()


@given(texts)
@settings(max_examples=60)
def test_no_text_becomes_html_in_the_document(text: str) -> None:
    document = render(overview(text), "markdown")
    shown = MarkdownIt("commonmark", {"html": True}).enable("table").render(document)
    assert set(re.findall(r"<([^\s/>]+)", shown)) <= MADE_OF_MARKDOWN
    document.encode()


def test_every_format_is_the_same_twice() -> None:
    for name in FORMATS:
        assert render(overview("name"), name) == render(overview("name"), name)
