#!/bin/sh
# What a component needs of its machine before it is started.
set -eu
python3 - <<'END'
import sqlite3, sys
if sys.version_info < (3, 9):
    sys.exit("Python 3.9 or newer is needed")
if sqlite3.sqlite_version_info < (3, 24):
    sys.exit("SQLite 3.24 or newer is needed")
END
