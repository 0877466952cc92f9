"""What python programs do with several processes: locks on files, pools, queues."""
import fcntl
import multiprocessing
import os

os.chdir("/work")


def add(times):
    """Counts in a file that a lock guards."""
    for _ in range(times):
        with open("counter", "r+", encoding="utf8") as stream:
            fcntl.lockf(stream, fcntl.LOCK_EX)
            count = int(stream.read())
            stream.seek(0)
            stream.write(str(count + 1))
            stream.flush()
            os.fsync(stream.fileno())
            fcntl.lockf(stream, fcntl.LOCK_UN)


def lines_of(name):
    with open(name, encoding="utf8") as stream:
        return name, len(stream.readlines())


def hold(queue, released):
    """Locks a file, and part of another, until it is told to let them go."""
    with open("whole", "w", encoding="utf8") as whole, open("part", "w", encoding="utf8") as part:
        fcntl.flock(whole, fcntl.LOCK_EX)
        fcntl.lockf(part, fcntl.LOCK_EX, 10, 5)
        queue.put("held")
        released.wait()


def is_free(take, name, *region):
    with open(name, "r+", encoding="utf8") as stream:
        try:
            take(stream, fcntl.LOCK_EX | fcntl.LOCK_NB, *region)
        except BlockingIOError:
            return False
        return True


if __name__ == "__main__":
    with open("counter", "w", encoding="utf8") as stream:
        stream.write("0")
    workers = [multiprocessing.Process(target=add, args=(25,)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    print("counted", open("counter", encoding="utf8").read())

    with multiprocessing.Pool(3) as pool:
        print("pool", pool.map(lines_of, ["notes.txt", "poem.txt", "numbers.txt", "one", "empty"]))

    queue, released = multiprocessing.Queue(), multiprocessing.Event()
    holder = multiprocessing.Process(target=hold, args=(queue, released))
    holder.start()
    print(queue.get(), is_free(fcntl.flock, "whole"), is_free(fcntl.lockf, "part", 1, 7), is_free(fcntl.lockf, "part", 1, 20))
    released.set()
    holder.join()
    print("released", is_free(fcntl.flock, "whole"), is_free(fcntl.lockf, "part", 1, 7), holder.exitcode)

    multiprocessing.set_start_method("spawn", force=True)
    with multiprocessing.Pool(1) as pool:
        print("spawned", pool.map(lines_of, ["poem.txt"]))
