"""`python -m tutor`: the same program as `attention-tutor`."""

from tutor.cli import main

raise SystemExit(main())
