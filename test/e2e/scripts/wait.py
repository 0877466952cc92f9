"""Waits for a FIFO with select, poll and the selectors of the standard library, while signals come."""
import os
import select
import selectors
import signal
import threading
import time

fifo = os.open('fifo', os.O_RDWR)
print('select', [bool(ready) for ready in select.select([fifo], [fifo], [fifo])])
handled = []
signal.signal(signal.SIGALRM, lambda *_: handled.append(1))
signal.setitimer(signal.ITIMER_REAL, 0.02, 0.02)
begun = time.monotonic()
print('select', select.select([fifo], [], [], 0.3), time.monotonic() - begun >= 0.3, len(handled) > 1)

threading.Timer(0.1, lambda: os.write(fifo, b'x')).start()
with selectors.PollSelector() as selector:
    selector.register(fifo, selectors.EVENT_READ, 'fifo')
    print('poll', [(key.data, events) for key, events in selector.select(20)])
signal.setitimer(signal.ITIMER_REAL, 0)
print(os.read(fifo, 9))
