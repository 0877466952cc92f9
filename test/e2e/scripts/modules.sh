#!/bin/sh
# Python's own tools for files: compiled modules and archives.
set -e
python=/usr/bin/python3
mkdir package
echo 'number = 42' >package/__init__.py
printf 'from . import number\n\n\ndef double():\n    return 2 * number\n' >package/twice.py
# A compiled module holds the time of its source.
touch -d 2020-01-01 package/*.py
$python -m compileall package
$python -c 'import package.twice; print(package.twice.double(), package.twice.__cached__)'
$python -m zipfile -c archive.zip notes.txt library noise.bin
$python -m zipfile -t archive.zip
$python -m zipfile -l archive.zip
$python -m zipfile -e archive.zip out
$python -m tarfile -c archive.tar.gz library
$python -m tarfile -l archive.tar.gz
diff -r library out/library
# It holds the time at which it was made.
rm archive.tar.gz
