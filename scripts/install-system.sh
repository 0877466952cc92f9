#!/bin/sh
# Installs the system packages that the build and the tests need, where one is missing.
set -eu

# command or file, package
needed='
g++ g++
make make
/usr/bin/python3 python3
git git
strace strace
sqlite3 sqlite3
/bin/busybox busybox-static
clang-format clang-format
/usr/share/doc/libc6-dev libc6-dev
xargs findutils
script bsdutils
rsync rsync
vi vim-tiny
less less
tmux tmux
clang clang
llvm-strip llvm
bpftool bpftool
/usr/include/bpf/libbpf.h libbpf-dev
/usr/include/libelf.h libelf-dev
/usr/include/zlib.h zlib1g-dev
'

missing=$(echo "$needed" | while read -r thing package; do
  [ -n "$thing" ] || continue
  case $thing in
    /*) [ -e "$thing" ] || echo "$package" ;;
    *) command -v "$thing" >/dev/null 2>&1 || echo "$package" ;;
  esac
done)
[ -n "$missing" ] || exit 0

# shellcheck disable=SC2086
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "installing:" $missing
  apt-get update -qq >/dev/null
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
else
  echo "missing system packages:" $missing >&2
  echo "  try: apt-get install --no-install-recommends" $missing >&2
  exit 1
fi
