"""What python programs do with files: os, shutil, pathlib, tempfile, mmap."""
import mmap
import os
import pathlib
import shutil
import stat
import tempfile

os.chdir("/work")
print("cwd", os.getcwd())
print("listing", sorted(os.listdir(".")))
print("walk", [(top, sorted(folders), sorted(files)) for top, folders, files in sorted(os.walk("library"))])
with os.scandir("library") as entries:
    print("scandir", sorted((entry.name, entry.is_dir(), entry.is_symlink()) for entry in entries))
print("stat", stat.filemode(os.stat("script.sh").st_mode), os.stat("one").st_nlink, os.path.samefile("one", "two"))
print("link", os.readlink("link"), os.path.realpath("far-link"), os.path.exists("dangling"), os.path.lexists("dangling"))
for wrong in (lambda: open("nowhere"), lambda: os.rmdir("library"), lambda: os.mkdir("library"), lambda: open("library")):
    try:
        wrong()
    except OSError as error:
        print("error", error)

shutil.copytree("library", "copied", symlinks=True)
shutil.copy2("notes.txt", "copied/notes.txt")
shutil.copyfile("noise.bin", "copied/noise.bin")
shutil.move("copied/a", "moved")
shutil.rmtree("copied/b")
print("copied", sorted(str(path) for path in pathlib.Path("copied").rglob("*")))
print("archive", os.path.basename(shutil.make_archive("/tmp/archive", "tar", "library")), shutil.disk_usage(".").total > 0)
os.remove("/tmp/archive.tar")  # holds the time of now

path = pathlib.Path("by-pathlib")
path.write_text("one\ntwo\n", encoding="utf8")
with path.open("a", encoding="utf8") as stream:
    stream.write("three\n")
print("pathlib", path.read_text(encoding="utf8").split(), path.stat().st_size, path.resolve())
path.chmod(0o600)
path.rename("renamed")
pathlib.Path("touched").touch(0o640)
os.utime("touched", (1_000_000_000, 1_100_000_000))
os.symlink("touched", "to-touched")
os.link("touched", "also-touched")
os.truncate("renamed", 5)
os.makedirs("a/b/c")
os.removedirs("a/b/c")
print("glob", sorted(str(found) for found in pathlib.Path(".").glob("**/*.txt")))

with tempfile.TemporaryDirectory() as folder, tempfile.NamedTemporaryFile(dir=folder) as named:
    print("temporary", folder.startswith("/tmp/"), os.path.dirname(named.name) == folder)
    named.write(b"x" * 100_000)
    named.flush()
    print(os.path.getsize(named.name))
with tempfile.TemporaryFile() as unnamed:
    unnamed.write(b"kept for a moment")
    unnamed.seek(5)
    print(unnamed.read())
print("left in /tmp", os.listdir("/tmp"))

with open("noise.bin", "rb") as stream:
    with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as view:
        print("mapped", len(view), sum(view[:: 1 << 16]), view.find(view[1_000_000:1_000_016]))
    with mmap.mmap(stream.fileno(), 8192, access=mmap.ACCESS_COPY, offset=1 << 20) as view:
        before = view[0]
        view[0:5] = b"copy!"
        stream.seek(1 << 20)
        print("copied on write", view[0:5], stream.read(1)[0] == before)
