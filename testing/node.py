"""Node and the packages in tests/node/, for the tests that need them."""

import os
import shutil

import pytest

from inkling.settings import ROOT

NODE = ROOT / "tests" / "node"  # with package.json and, once installed, node_modules/

is_there = shutil.which("node") is not None and (NODE / "node_modules").is_dir()
needs_node = pytest.mark.skipif(
    not is_there and not os.environ.get("CI"),
    reason="There is no node, or no package. Install npm, then: bin/install-node-packages",
)
