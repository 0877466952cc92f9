"""Waits for remote FIFOs, local pipes, child processes and timers by asyncio and every selector of the standard library."""
import asyncio
import os
import selectors
import threading

fifo = os.open('fifo', os.O_RDWR | os.O_NONBLOCK)
reader, writer = os.pipe()


async def told(loop, fd, count):
    """Reads `count` bytes from a descriptor, one each time that it is ready."""
    text = bytearray()
    whole = loop.create_future()

    def take():
        text.extend(os.read(fd, 1))
        if len(text) == count:
            loop.remove_reader(fd)
            whole.set_result(bytes(text))

    loop.add_reader(fd, take)
    try:
        return await whole
    finally:
        loop.remove_reader(fd)


async def both():
    loop = asyncio.get_running_loop()
    for place in range(4):
        loop.call_later(0.02 * place, os.write, (fifo, writer)[place % 2], b'ab'[place % 2:][:1])
    texts = await asyncio.gather(told(loop, fifo, 2), told(loop, reader, 2))
    print('asyncio', texts)
    child = await asyncio.create_subprocess_exec(
        'sh', '-c', 'cat >fifo; echo "$0"', 'from the child', stdin=-1, stdout=-1)
    waiting = asyncio.ensure_future(told(loop, fifo, 6))
    print('child', await child.communicate(b'direct'), await waiting, child.returncode)
    try:
        await asyncio.wait_for(told(loop, fifo, 1), 0.05)
    except asyncio.TimeoutError:
        print('nothing in time')


asyncio.run(both())
for name in ('SelectSelector', 'PollSelector', 'EpollSelector'):
    with getattr(selectors, name)() as selector:
        selector.register(fifo, selectors.EVENT_READ, 'fifo')
        selector.register(reader, selectors.EVENT_READ, 'pipe')
        print(name, selector.select(0.02))
        for fd in (fifo, writer):
            threading.Timer(0.05, os.write, (fd, b'x')).start()
            ready = [(key.data, events) for key, events in selector.select(20)]
            print(name, ready, os.read(fifo if fd == fifo else reader, 9))
