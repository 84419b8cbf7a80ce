"""The commands of the Makefile. Needs a Python and nothing else: it makes whatever else is missing.

This file is read by whatever `python3` is, however old, so it uses nothing that an old one could not parse.
"""

import os
import shutil
import sys

OLDEST = (3, 11)
NEWER = ("python3.11", "python3.12", "python3.13", "python3.14")


def main():  # type: () -> None
    if sys.version_info < OLDEST:
        start_again()
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    from tools.commands import dispatch

    dispatch(sys.argv[1:])


def start_again():  # type: () -> None
    """Run this file by a newer Python, if the machine has one."""
    for name in NEWER:
        found = shutil.which(name)
        if found:
            os.execv(found, [found, __file__] + sys.argv[1:])
    sys.exit("NioChat needs Python 3.11 or newer; this is %d.%d. Install python3.11." % sys.version_info[:2])


if __name__ == "__main__":
    main()
