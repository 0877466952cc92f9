#!/bin/sh
# Copies of a tree with rsync: the first, later ones that take over changes, and one that shares what is the same.
set -e
cd /work
rsync -aH --itemize-changes . /tmp/copy/
echo more >>notes.txt
chmod 600 one
rm poem.txt
rsync -aH --delete -v . /tmp/copy/ | grep -v -E '^(sent|total) '
rm -r /tmp/copy/library
rsync -ac --stats . /tmp/copy/ | grep 'Number of'
rsync -a --link-dest=/tmp/copy library/ /tmp/second/
rsync -a --inplace --no-whole-file numbers.txt /tmp/copy/noise.bin
diff -r --no-dereference . /tmp/copy || echo "status $?"
