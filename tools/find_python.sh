#!/bin/sh
# Prints the first Python on this system that is new enough; the project never downloads one.
for candidate in python3 python3.14 python3.13 python3.12 python3.11; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        command -v "$candidate"
        exit 0
    fi
done
echo "Python 3.11 or newer is needed and none was found on PATH; please install it (Debian: apt install python3 python3-venv)." >&2
exit 1
