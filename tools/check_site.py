"""Check the pages of the built site without a browser: `python tools/check_site.py SITE`.

It reports loads from other hosts, missing files, links and anchors that lead nowhere, ids used
twice, images without `alt`, pages without a language or a title, and absolute paths of the
computer that built the site. The exit status is 1 if anything was found.
"""

import os
import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LOADING = {
    "script": "src",
    "link": "href",
    "img": "src",
    "iframe": "src",
    "source": "src",
    "video": "src",
    "audio": "src",
    "embed": "src",
    "object": "data",
}
# A <link> with one of these relations is an address to know, not a file to load.
ADDRESSES = {"canonical", "next", "prev", "author", "index", "search", "license", "help"}
CSS_LOAD = re.compile(r"""(?:url\(\s*|@import\s+)["']?((?:https?:)?//[^"')\s]+)""")
TEXT_FILES = {".html", ".js", ".css", ".json", ".txt", ".ipynb", ".md", ".svg", ".xml"}


class Page(HTMLParser):
    """What one page declares, loads and links to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.images_without_alt: list[str] = []
        self.language = ""
        self.title = ""
        self.refreshes = False
        self._tag = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what one tag says."""
        values = {name: value or "" for name, value in attrs}
        self._tag = tag
        if "id" in values:
            self.ids.append(values["id"])
        if tag == "html":
            self.language = values.get("lang", "")
        if tag == "meta" and values.get("http-equiv", "").lower() == "refresh":
            self.refreshes = True
        if tag == "a":
            self.anchors.add(values.get("name", ""))
            if values.get("href"):
                self.links.append(values["href"])
        if tag == "img" and "alt" not in values:
            self.images_without_alt.append(values.get("src", "")[:60])
        is_address = tag == "link" and ADDRESSES & set(values.get("rel", "").split())
        if (source := values.get(LOADING.get(tag, ""), "")) and not is_address:
            self.loads.append(source)
        self.loads += CSS_LOAD.findall(values.get("style", ""))

    def handle_data(self, data: str) -> None:
        """Note the title, and what a style sheet in the page loads."""
        if self._tag == "title" and not self.title:
            self.title = data.strip()
        if self._tag == "style":
            self.loads += CSS_LOAD.findall(data)

    def handle_endtag(self, tag: str) -> None:
        """Leave a tag."""
        self._tag = ""

    def has(self, fragment: str) -> bool:
        """Tell whether a link to `#fragment` arrives somewhere on this page."""
        return fragment in self.anchors or fragment in self.ids


def is_external(address: str) -> bool:
    """Tell whether an address leads to another host."""
    return address.startswith("//") or urlsplit(address).scheme in ("http", "https")


def target(page: Path, address: str) -> Path:
    """Return the file that a relative address on a page names."""
    path = unquote(urlsplit(address).path)
    file = (page.parent / path).resolve() if path else page
    return file / "index.html" if file.is_dir() else file


def check_loads(file: Path, page: Page) -> list[str]:
    """Report what the page would fetch from elsewhere, or not find."""
    found = []
    for address in page.loads:
        if is_external(address):
            found.append(f"loads from another host: {address}")
        elif not urlsplit(address).scheme and not target(file, address).exists():
            found.append(f"missing file: {address}")
    return found


def check_links(file: Path, page: Page, pages: dict[Path, Page]) -> list[str]:
    """Report links within the site that lead nowhere."""
    found = []
    for address in page.links:
        if is_external(address) or urlsplit(address).scheme:
            continue
        goal, fragment = target(file, address), unquote(urlsplit(address).fragment)
        if not goal.exists():
            found.append(f"broken link: {address}")
        elif fragment and goal in pages and not pages[goal].has(fragment):
            found.append(f"broken anchor: {address}")
    return found


def check_markup(page: Page) -> list[str]:
    """Report faults that need nothing but the page itself."""
    found = [f"image without alt: {source}" for source in page.images_without_alt]
    twice = sorted({name for name in page.ids if page.ids.count(name) > 1})
    found += [f"id used twice: {name}" for name in twice]
    if not page.refreshes:  # a redirect has no content to speak of
        found += ["<html> without lang"] if not page.language else []
        found += ["no <title>"] if not page.title else []
    return found


def machine_paths() -> list[str]:
    """Return the folders of this computer that no page may name."""
    checkout = Path(__file__).resolve().parents[1]
    folders = {str(checkout), str(Path.home()), sys.prefix, sys.base_prefix}
    # A short path such as / or /usr also occurs in honest text.
    return sorted(path for path in folders if path.count(os.sep) > 1)


def check_paths(text: str, paths: list[str]) -> list[str]:
    """Report absolute paths of the building computer."""
    return [f"names a path of this computer: {path}" for path in paths if path in text]


def check_site(site: Path, paths: list[str] | None = None) -> list[str]:
    """Return every fault of the site, one line each."""
    paths = machine_paths() if paths is None else paths
    texts = {
        file.resolve(): file.read_text(encoding="utf-8", errors="replace")
        for file in sorted(site.rglob("*"))
        if file.suffix in TEXT_FILES
    }
    pages = {
        file: Page(text)
        for file, text in texts.items()
        if file.suffix == ".html" and "_static" not in file.parts
    }
    if not pages:
        return [f"`{site}` holds no pages. Run `make book` first"]
    found = []
    for file, text in texts.items():
        faults = check_paths(text, paths)
        if file.suffix == ".css":
            loads = sorted(set(CSS_LOAD.findall(text)))
            faults += [f"loads from another host: {address}" for address in loads]
        if page := pages.get(file):
            faults += check_loads(file, page) + check_links(file, page, pages) + check_markup(page)
        found += [f"{file.relative_to(site.resolve())}: {fault}" for fault in faults]
    return found


def main(arguments: list[str]) -> int:
    """Check one site; print what is wrong."""
    default = Path(__file__).parents[1] / "_build" / "html"
    site = Path(arguments[0]) if arguments else default
    faults = check_site(site)
    for fault in faults:
        print(fault)
    print(f"Site check: {len(faults)} fault(s)" if faults else "Site check: no faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
