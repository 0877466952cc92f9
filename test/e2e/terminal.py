"""terminal.py COMMAND...: runs a command in a terminal of its own; what it is fed is typed, what the terminal shows is
printed. Ends with the command's exit status, 128 + n for signal n."""
import os
import pty
import select
import sys

child, master = pty.fork()
if child == 0:
    os.execvp(sys.argv[1], sys.argv[1:])

sources = [0, master]
while True:
    ready = select.select(sources, [], [])[0]
    if 0 in ready:
        typed = os.read(0, 4096)
        if typed:
            os.write(master, typed)
        else:
            sources.remove(0)
    if master in ready:
        try:
            shown = os.read(master, 65536)
        except OSError:  # EIO: nobody has the terminal open any more
            shown = b""
        if not shown:
            break
        os.write(1, shown)

status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
sys.exit(status if status >= 0 else 128 - status)
