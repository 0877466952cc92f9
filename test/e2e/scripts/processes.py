"""What python programs do with threads and processes that use files."""
import concurrent.futures
import os
import subprocess
import sys
import threading

os.chdir("/work")


def count(name):
    with open(name, encoding="utf8") as stream:
        return name, sum(1 for _ in stream)


with concurrent.futures.ThreadPoolExecutor(8) as pool:
    print("threads", sorted(pool.map(count, ["notes.txt", "poem.txt", "numbers.txt", "one", "library/a/second.txt"] * 8))[::8])

lock = threading.Lock()


def append(number):
    for _ in range(20):
        with lock, open("shared.log", "a", encoding="utf8") as stream:
            stream.write(f"{number}\n")


workers = [threading.Thread(target=append, args=(number,)) for number in range(4)]
for worker in workers:
    worker.start()
for worker in workers:
    worker.join()
with open("shared.log", encoding="utf8") as stream:
    print("appended", sorted(stream.read().split()).count("3"))
os.remove("shared.log")

sys.stdout.flush()
read_end, write_end = os.pipe()
child = os.fork()
if child == 0:
    os.chdir("library")
    with open("from-child", "w", encoding="utf8") as stream:
        stream.write("the child was here\n")
    os.write(write_end, os.getcwd().encode())
    os._exit(12)
print("fork", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), os.read(read_end, 100), os.getcwd())
print(open("library/from-child", encoding="utf8").read(), end="")

print("run", subprocess.run(["cat", "-n", "notes.txt"], capture_output=True, check=True).stdout)
print("cwd", subprocess.run(["pwd"], cwd="library/a", capture_output=True, check=True).stdout)
print("missing", subprocess.run("cat nowhere", shell=True, capture_output=True, check=False))
with open("poem.txt", "rb") as source, open("poem.upper", "wb") as target:
    print("streams", subprocess.run(["tr", "a-z", "A-Z"], stdin=source, stdout=target, check=True).returncode)
print(open("poem.upper", encoding="utf8").readlines()[1], end="")
with subprocess.Popen(["sort", "-n"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as sorter:
    print("piped", sorter.communicate(open("numbers.txt", "rb").read())[0][:40])
with subprocess.Popen(["cat", "fifo"], stdout=subprocess.PIPE) as reader:
    with open("fifo", "w", encoding="utf8") as stream:
        stream.write("through the FIFO")
    print("fifo", reader.communicate()[0])
with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as sleeper:
    sleeper.terminate()
print("terminated", sleeper.returncode)
sys.exit(5)
