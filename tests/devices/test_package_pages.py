"""The pages of these packages list what is in them: each module, and none that is not there."""

from __future__ import annotations

import pkgutil
import re
from types import ModuleType

import pytest

from meshconf import devices
from meshconf.devices import pulse


@pytest.mark.parametrize("package", [devices, pulse], ids=lambda package: package.__name__)
def test_a_page_lists_all_modules_and_no_others(package: ModuleType) -> None:
    page = package.__doc__ or ""
    listed = set(re.findall(r"^(?:  )?(\w+)  ", page, re.MULTILINE)) | set(re.findall(r"`(\w+)`", page))
    assert listed == {module.name for module in pkgutil.iter_modules(package.__path__)}
