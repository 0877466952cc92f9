#!/bin/sh
# build-bpf.sh [ARCH [DIRECTORY]]: compiles the eBPF programs for a machine (x86_64, aarch64; this one), into addon/bpf, where
# their sources are then as well: packages that carry the programs carry both.
set -eu
cd "$(dirname "$0")/../bpf"
arch=${1:-$(uname -m)}
out=${2:-../addon/bpf}
case $arch in
  x86_64) target=x86 ;;
  aarch64) target=arm64 ;;
  *) echo "cannot compile the eBPF programs for $arch: they know x86_64 and aarch64" >&2 && exit 1 ;;
esac

mkdir -p "$out"
cp ./*.c ./*.h ./*.S LICENSE README.md "$out"
for source in *.bpf.c; do
  object=$out/${source%.c}.o
  # The headers of the kernel's interface are beside those of libc; what is used of them is the same for all machines.
  clang -target bpf -D__TARGET_ARCH_$target -mcpu=v3 -O2 -g -Wall -Wextra -Werror \
    -idirafter "/usr/include/$(uname -m)-linux-gnu" -c "$source" -o "$object"
  llvm-strip --strip-debug "$object" # but for the types, which the loader reads
done
