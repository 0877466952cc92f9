"""Writers of one sqlite3 database in WAL mode, whose index is a file that they map, shared. wal.py WRITERS: processes."""

import os
import sqlite3
import sys

ROWS = 40


def connect():
    return sqlite3.connect('wal.db', timeout=20, isolation_level=None)


def write(writer):
    db = connect()
    seen = 0
    for row in range(ROWS):
        db.execute('begin immediate')
        db.execute('insert into log values (?, ?)', (writer, row))
        db.execute('commit')
        count = db.execute('select count(*) from log').fetchone()[0]
        if count < seen:
            raise SystemExit(f'writer {writer} saw {seen} rows, then {count}')
        seen = count
    db.close()


first = connect()
print(first.execute('pragma journal_mode=wal').fetchone())
first.execute('create table if not exists log (writer, row)')
children = []
for writer in range(int(sys.argv[1])):
    child = os.fork()
    if child == 0:
        write(writer)
        os._exit(0)
    children.append(child)
print([os.waitpid(child, 0)[1] for child in children])
print(first.execute('select writer, count(*), sum(row) from log group by writer').fetchall())
print(first.execute('pragma integrity_check').fetchone())
print(first.execute('pragma wal_checkpoint(truncate)').fetchone())
first.close()
print(sorted(name for name in os.listdir('.') if name.startswith('wal')))
