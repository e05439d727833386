"""A headless meshconf engine, as `meshconf host|join --headless` is, before the benchmarks' scene.

`python -m benchmarks.programs.engine host|join OPTIONS [--size WxHxFPS --codec CODEC --scene FILE]`. Only what the
test camera shows is another: its own picture is too easy for rate control. The invite comes from the environment.
"""

from __future__ import annotations

import asyncio
import dataclasses
import os
import sys
from pathlib import Path

from benchmarks.scene import Scene
from meshconf.devices import synthetic
from meshconf.headless.failure import fail
from meshconf.headless.logs import log_to
from meshconf.headless.options import options_of, parser
from meshconf.headless.run import run
from meshconf.headless.streams import make_whole


def main() -> int:
    """Run one engine to its end; the exit code of the contract."""
    make_whole()
    engine = parser()
    engine.add_argument("--size")
    engine.add_argument("--codec", choices=("VP8", "H264"))
    engine.add_argument("--scene", type=Path)
    try:
        arguments = engine.parse_args()
        log_to(arguments.log)
        options = options_of(arguments)
        if arguments.size:
            width, height, fps = (int(part) for part in arguments.size.split("x"))
            scene = Scene(arguments.scene, fps)
            vars(synthetic)["Pattern"] = lambda *_: scene
            options = dataclasses.replace(options, camera_size=(width, height, fps), codec=arguments.codec)
        invite = os.environ.pop("MESHCONF_INVITE") if arguments.what == "join" else None
        return asyncio.run(run(options, invite, seconds=None))
    except Exception as error:
        return fail(error, as_json=True)


if __name__ == "__main__":
    sys.exit(main())
