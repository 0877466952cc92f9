// The errors that file calls give, by name.
#include "guest.h"
#include <limits.h>
#include <sys/sendfile.h>
#include <sys/statfs.h>

int main(void) {
  begin();
  struct stat facts;
  char name[NAME_MAX + 2], path[PATH_MAX + 1], text[16];
  memset(name, 'n', sizeof name);
  name[NAME_MAX + 1] = 0;
  for (size_t i = 0; i < PATH_MAX; i++)
    path[i] = i % 2 ? '/' : '.';
  path[PATH_MAX] = 0;
  put("file", "text");
  must(mkdir("directory", 0755));
  must(mkdir("directory/full", 0755));
  must(symlink("loop", "loop"));
  must(symlink("nowhere", "dangles"));
  int fd = (int)must(open("file", O_RDONLY)), sink = (int)must(open("file", O_WRONLY));

  show(open("nowhere", O_RDONLY));
  show(open("nowhere/deeper", O_RDONLY | O_CREAT, 0644));
  show(open("", O_RDONLY));
  show(open("file/deeper", O_RDONLY));
  show(open("file", O_WRONLY | O_CREAT | O_EXCL, 0644));
  show(open("dangles", O_WRONLY | O_CREAT | O_EXCL, 0644));
  show(open("directory", O_WRONLY));
  show(open("directory", O_RDONLY | O_CREAT, 0644));
  show(open("loop", O_RDONLY));
  show(open("dangles", O_RDONLY | O_NOFOLLOW));
  show(open(name, O_RDONLY));
  show(open(path, O_RDONLY));
  show(open("file", O_RDONLY | O_DIRECTORY));
  show(open("file/", O_RDONLY));
  show(stat("nowhere", &facts));
  show(lstat("dangles", &facts));
  show(stat("dangles", &facts));
  show(stat("file/.", &facts));
  show(mkdir("directory", 0755));
  show(mkdir("nowhere/deeper", 0755));
  show(mkdir("file/deeper", 0755));
  show(mkdir(name, 0755));
  show(rmdir("directory"));
  show(rmdir("file"));
  show(rmdir("directory/full/."));
  show(unlink("directory"));
  show(unlink("nowhere"));
  show(rename("nowhere", "elsewhere"));
  show(rename("file", "directory"));
  show(rename("directory", "file"));
  show(rename("directory", "directory/full/inside"));
  show(rename("directory/full", "directory"));
  show(link("directory", "second"));
  show(link("file", "directory"));
  show(symlink("", "empty"));
  show(symlink("file", "dangles"));
  show(readlink("file", text, sizeof text));
  show(readlink("dangles", text, 0));
  // Two things are wrong: the first one that the kernel sees counts.
  show(open(path, O_RDONLY | O_TMPFILE));
  show(renameat2(AT_FDCWD, path, AT_FDCWD, "file", 99));
  show(link("nowhere", path));
  show(linkat(77, "file", AT_FDCWD, "second", 0));
  show(linkat(AT_FDCWD, "nowhere", 77, "second", 0));
  show(renameat2(77, "file", AT_FDCWD, "second", 99));
  show(sendfile(77, fd, (off_t[]){-1}, 1));
  show(truncate("directory", 0));
  show(truncate("nowhere", 0));
  show(access("nowhere", F_OK));
  show(access("file", 99));
  show(chmod("nowhere", 0644));
  show(chown("nowhere", -1, -1));
  show(read(sink, text, 1));
  show(write(fd, text, 1));
  show(read(77, text, 1));
  show(close(77));
  show(fsync(77));
  show(fsync(fd));
  show(fdatasync(sink));
  show(fchmod(77, 0644));
  show(fstat(77, &facts));
  struct statfs kind;
  show(statfs("nowhere", &kind));
  show(fstatfs(fd, &kind));
  show(fcntl(fd, 9999, 0));
  show(posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL));
  show(close(fd));
  show(close(fd));
  return 0;
}
