"""`python -m meshconf`: the same as the `meshconf` command."""

import sys

from meshconf.cli.main import main

sys.exit(main())
