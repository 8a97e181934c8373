"""A clock process whose time stands off the database's, run as a program for a test to kill.

`python -m tests.faults.ticker SECONDS`: the product's own clock with all its jobs, SECONDS ahead.
"""

import sys
from datetime import timedelta

import uvloop

from backend.kernel import clock
from workers.clock import main

if __name__ == "__main__":
    clock.set_offset(timedelta(seconds=float(sys.argv[1])))
    uvloop.run(main())
