"""Packages that say in their docstring what each of their files is for leave none out and name none that is gone."""

from __future__ import annotations

import importlib
import pkgutil
import re

import pytest


@pytest.mark.parametrize(
    "package",
    [
        "meshconf.audio_processing",
        "meshconf.codec",
        "meshconf.codec.decoding",
        "meshconf.conference",
        "meshconf.conference.remote_control",
        "meshconf.devices",
        "meshconf.devices.input",
        "meshconf.devices.pulse",
        "meshconf.media",
        "meshconf.media.congestion",
        "meshconf.media.echo",
        "meshconf.media.receive",
        "meshconf.media.rtp",
        "meshconf.media.screen",
        "meshconf.media.send",
        "meshconf.media.voice",
        "meshconf.protocol",
        "meshconf.protocol.control",
        "meshconf.protocol.room",
        "meshconf.rtc",
        "meshconf.windows",
    ],
)
def test_the_map_of_a_package_names_its_files(package: str) -> None:
    module = importlib.import_module(package)
    text = module.__doc__ or ""
    files = {found.name for found in pkgutil.iter_modules(module.__path__)}
    assert files - set(re.findall(r"\w+", text)) == set()

    headings = {name for line in re.findall(r"^ *([\w, ]+?)  ", text, re.M) for name in line.split(", ")}
    assert {name for name in headings if name.isidentifier()} - files == set()
