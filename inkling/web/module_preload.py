"""Which scripts of ours each script of a page imports, so that a browser may fetch all at once.

A browser that is told only of a page's first script learns of the others one after another, as it
reads them. The pages name all of them (`modulepreload`), and read here which these are.
"""

import re
from collections.abc import Mapping
from pathlib import Path

# At the start of a line and without a bracket, so that it is no comment that names a type's module,
# nor a module that is fetched only when it is wanted.
IMPORT = re.compile(r'^(?:import|export)\b[^"\';(]*["\']\./([^"\']+)\.js["\']', re.MULTILINE)


def imported_modules(folder: Path) -> dict[str, tuple[str, ...]]:
    """Return what each script `folder/<name>.js` imports, itself or through others, sorted by name.

    Raises FileNotFoundError for an import of a file that is not there.
    """
    direct = {path.stem: _imports(path) for path in folder.glob("*.js")}
    for name, imports in direct.items():
        for missing in imports - direct.keys():
            raise FileNotFoundError(f"{folder / name}.js imports {missing}.js, which is not there.")
    return {name: tuple(sorted(_reached(name, direct) - {name})) for name in direct}


def _imports(script: Path) -> set[str]:
    return set(IMPORT.findall(script.read_text(encoding="utf-8")))


def _reached(name: str, direct: Mapping[str, set[str]]) -> set[str]:
    """Return a module and all that it imports, in circles too."""
    found: set[str] = set()
    to_read = {name}
    while to_read:
        found |= to_read
        to_read = {module for reader in to_read for module in direct[reader]} - found
    return found
