"""Series over time as an SVG, where matplotlib is installed (`pip install meshconf[benchmark]`)."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Mapping, Sequence
from pathlib import Path

Line = Sequence[tuple[float, float | None]]
"""Seconds and a value; None leaves a gap."""


def missing() -> str | None:
    """Why nothing can be drawn, or None."""
    return (
        None
        if importlib.util.find_spec("matplotlib")
        else "matplotlib is not installed: no plot, the series are in CSV"
    )


def draw(file: Path, panels: Mapping[str, Mapping[str, Line]], marked: tuple[float, float]) -> None:
    """Draw panels below each other over one axis of time.

    Args:
        file: the SVG to write.
        panels: by the label of the axis, lines by name.
        marked: seconds between which the background is grey.
    """
    # Not an import statement: type checkers need not have it either.
    matplotlib = importlib.import_module("matplotlib")
    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "meshconf"
    pyplot = importlib.import_module("matplotlib.pyplot")
    figure, axes = pyplot.subplots(len(panels), sharex=True, figsize=(9, 2.2 * len(panels)), squeeze=False)
    for axis, (label, lines) in zip(axes[:, 0], panels.items(), strict=True):
        for name, points in lines.items():
            values = [float("nan") if value is None else value for _, value in points]
            axis.plot([at for at, _ in points], values, label=name, linewidth=1.2)
        axis.axvspan(*marked, color="0.9")
        axis.set_ylabel(label)
        axis.set_ylim(bottom=0)
    axes[0, 0].legend(frameon=False, ncols=4, fontsize="small")
    axes[-1, 0].set_xlabel("seconds")
    figure.tight_layout()
    figure.savefig(file, metadata={"Date": None})
    pyplot.close(figure)
