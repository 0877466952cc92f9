"""Dies in the middle of a transaction whose pages are in the database already: a hot journal is left."""
import os
import sqlite3

database = sqlite3.connect("/work/books.db", isolation_level=None)
database.execute("PRAGMA journal_mode = DELETE")
database.execute("PRAGMA cache_size = 5")
database.execute("CREATE TABLE book (title TEXT, pages INT)")
database.execute("INSERT INTO book VALUES ('kept', 1)")
database.execute("BEGIN IMMEDIATE")
database.executemany("INSERT INTO book VALUES (?, ?)", (("x" * 500, n) for n in range(500)))
print("journal", os.path.exists("/work/books.db-journal"), "spilled", os.path.getsize("/work/books.db") > 100_000, flush=True)
os._exit(9)
