"""What is written about the product is true of it: committed documents, the README's commands."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from backend.cli import COMMANDS

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
MAKEFILE = (ROOT / "Makefile").read_text()
TARGETS = set(re.findall(r"^([a-z][a-z-]*):(?!=)", MAKEFILE, re.MULTILINE))


def test_the_committed_openapi_document_is_this_source_trees():
    """The pages' types are made of it: a route that changed without it would deceive them."""
    made = subprocess.run(
        [sys.executable, "-m", "backend.commands.openapi"],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, check=True,
    ).stdout  # fmt: skip
    assert made == (ROOT / "admin_ui/openapi.json").read_bytes(), "run `make types`"


def test_the_readme_names_no_target_that_make_lacks():
    named = set(re.findall(r"(?:^|`)make ([a-z][a-z-]*)", README, re.MULTILINE))
    assert {"run", "test", "check"} <= named
    assert named <= TARGETS


def test_the_readme_names_no_command_that_clearsend_lacks():
    named = set(re.findall(r"(?:^|`)clearsend ([a-z][a-z-]*)", README, re.MULTILINE))
    assert "prove" in named
    assert named <= COMMANDS.keys()


def test_ci_runs_the_readmes_test_command():
    assert re.search(r"^make test$", README, re.MULTILINE)
    last = (ROOT / ".ci/run").read_text().splitlines()[-1]
    assert last.split()[-1] == "check"
    needed = re.search(r"^check:([^#\n]*)", MAKEFILE, re.MULTILINE)
    assert needed is not None
    assert needed[1].split()[-1] == "test"


def _anchor(heading: str) -> str:
    """As forges make them: lower case, punctuation gone, spaces to hyphens."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


@pytest.mark.parametrize("document", sorted(ROOT.glob("*.md")) + sorted(ROOT.glob("docs/**/*.md")))
def test_every_link_inside_the_repository_leads_somewhere(document: Path):
    text = re.sub(r"```.*?```", "", document.read_text(), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" in target or target.startswith("mailto:"):
            continue
        path, _, anchor = target.partition("#")
        named = (document.parent / path) if path else document
        assert named.exists(), f"{document.name} links to {target}"
        if anchor and named.suffix == ".md":
            headings = re.findall(r"^#+ (.+)$", named.read_text(), re.MULTILINE)
            assert anchor in {_anchor(heading) for heading in headings}, target


def test_the_readme_links_to_what_is_written_beside_it():
    assert "(CONTRIBUTING.md)" in README
    for named in re.findall(r"`(docs/[\w./-]+)`", README):
        assert (ROOT / named).exists(), named
