"""Front-end packages: fetched from npm as the lock file says, the needed files copied to static/vendor."""

import os
import re
import shutil
import subprocess
from collections.abc import Collection, Mapping
from pathlib import Path

from .errors import StepFailed, disk_full, says_disk_full
from .layout import Layout
from .stamps import Stamps, digest

# Target below static/vendor: source below node_modules. A pattern copies into the target folder.
FILES: Mapping[str, str] = {
    "bootstrap/bootstrap.min.css": "bootstrap/dist/css/bootstrap.min.css",
    "bootstrap/bootstrap.rtl.min.css": "bootstrap/dist/css/bootstrap.rtl.min.css",
    "bootstrap/bootstrap.bundle.min.js": "bootstrap/dist/js/bootstrap.bundle.min.js",
    "htmx/htmx.min.js": "htmx.org/dist/htmx.min.js",
    "inter/inter.css": "@fontsource-variable/inter/wght.css",
    "inter/files": "@fontsource-variable/inter/files/inter-*-wght-normal.woff2",
    "sortablejs/sortable.esm.js": "sortablejs/modular/sortable.esm.js",
    "tom-select/tom-select.complete.min.js": "tom-select/dist/js/tom-select.complete.min.js",
    "tom-select/tom-select.bootstrap5.min.css": "tom-select/dist/css/tom-select.bootstrap5.min.css",
}
# Maps aren't shipped, and a manifest storage refuses files that point at missing ones.
SOURCE_MAP = re.compile(rb"(?m)^\s*(/\*|//)[#@] sourceMappingURL=[^\n]*\n?")
ICONS = Path("static") / "src" / "icons.txt"
DRAWING = re.compile(rb"<svg[^>]*>(.*)</svg>", re.DOTALL)


def install(layout: Layout, stamps: Stamps, *, tests: bool) -> bool:
    """Bring node_modules and static/vendor up to date; False when they were.

    ``tests`` adds the packages that only tests need (axe-core).
    """
    checkout = layout.checkout
    packages = digest([checkout / "package.json", checkout / "package-lock.json"])
    vendor, modules = checkout / "static" / "vendor", checkout / "node_modules"
    fetched = {f"{packages} all"} if tests else {f"{packages} all", f"{packages} start"}
    changed = False
    if stamps.get("node_modules") not in fetched or not modules.is_dir():
        stamps.forget("node_modules", "vendor")
        _fetch(layout, tests=tests)
        stamps.set("node_modules", f"{packages} {'all' if tests else 'start'}")
        changed = True
    wanted = vendor_mark(checkout)
    if stamps.get("vendor") != wanted or not vendor.is_dir():
        copy(modules, vendor)
        stamps.set("vendor", wanted)
        changed = True
    return changed


def vendor_mark(checkout: Path) -> str:
    """What static/vendor is made from: the packages, the list of icons, this program."""
    return digest([checkout / "package.json", checkout / "package-lock.json", checkout / ICONS, Path(__file__)])


def _fetch(layout: Layout, *, tests: bool) -> None:
    programs = layout.venv / "bin"
    command = [str(programs / "npm"), "ci", "--no-audit", "--no-fund", "--loglevel=error", "--ignore-scripts"]
    done = subprocess.run(
        command if tests else [*command, "--omit=dev"],
        cwd=layout.checkout,
        env={**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ.get('PATH', os.defpath)}"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode != 0:
        if says_disk_full(done.stdout):
            raise disk_full(layout.checkout)
        raise StepFailed("The front-end packages could not be fetched (npm ci failed).", done.stdout)


def copy(modules: Path, vendor: Path) -> None:
    """Make ``vendor`` afresh from the packages, and only swap it in when it is whole."""
    fresh = vendor.with_name("vendor.new")
    shutil.rmtree(fresh, ignore_errors=True)
    for target, source in FILES.items():
        if "*" in source:
            sources = sorted(modules.glob(source))
            pairs = [(one, fresh / target / one.name) for one in sources]
        else:
            pairs = [(modules / source, fresh / target)]
        if not pairs:
            raise StepFailed(f"No front-end package has the file {source}.")
        for one, place in pairs:
            place.parent.mkdir(parents=True, exist_ok=True)
            content = one.read_bytes()
            if one.suffix in {".css", ".js"}:
                content = SOURCE_MAP.sub(b"", content)
            place.write_bytes(content)
    if (listed := vendor.parent.parent / ICONS).is_file():
        place = fresh / "lucide" / "sprite.svg"
        place.parent.mkdir()
        place.write_bytes(sprite(modules / "lucide-static" / "icons", listed.read_text().split()))
    shutil.rmtree(vendor, ignore_errors=True)
    fresh.rename(vendor)


def sprite(icons: Path, names: Collection[str]) -> bytes:
    """One file of symbols with the icons that ``static/src/icons.txt`` lists: 60 kB for a page to read, not 530.

    Raises ``StepFailed`` for a name that the icon set lacks.
    """
    symbols = []
    for name in sorted(set(names)):
        found = DRAWING.search((icons / f"{name}.svg").read_bytes()) if (icons / f"{name}.svg").is_file() else None
        if found is None:
            raise StepFailed(f"static/src/icons.txt names {name}, which the icon set lacks.")
        drawing = re.sub(rb"\s*\n\s*", b"", found[1])
        symbols.append(b'<symbol id="%s" viewBox="0 0 24 24">%s</symbol>' % (name.encode(), drawing))
    head = b'<!-- lucide-static, ISC licence -->\n<svg xmlns="http://www.w3.org/2000/svg">'
    return b"\n".join((head, *symbols, b"</svg>\n"))
