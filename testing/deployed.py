"""What a deployment to Heroku is made of: its files, and the commands of the Procfile."""

import shutil
import subprocess
from pathlib import Path

from inkling.settings import ROOT


def deployed_files(ignored: str = ".slugignore") -> list[str]:
    """What git would commit now, less what the file `ignored` names; paths within the project."""
    everything = _git("--cached", "--others", "--exclude-standard")
    left_out = _git("--cached", "--others", "--ignored", f"--exclude-from={ignored}")
    return sorted(path for path in everything - left_out if (ROOT / path).exists())


def _git(*options: str) -> set[str]:
    words = ["git", "ls-files", "-z", *options]
    listed = subprocess.run(words, cwd=ROOT, check=True, capture_output=True, text=True)
    return set(listed.stdout.split("\0")) - {""}


def export(folder: Path, ignored: str = ".slugignore") -> None:
    """Copy the deployed files into a folder."""
    for path in deployed_files(ignored):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / path, folder / path)


def procfile() -> dict[str, str]:
    """The Procfile's commands by the name of their process."""
    lines = (ROOT / "Procfile").read_text().splitlines()
    pairs = (line.split(":", 1) for line in lines if line.strip())
    return {name: command.strip() for name, command in pairs}
