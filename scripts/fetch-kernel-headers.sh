#!/bin/sh
# Puts the newest kernel headers of Debian (sid's linux-libc-dev, both architectures) into the directory $1.
set -eu
. "$(dirname "$0")/private-apt.sh"
dir=${1:?usage: fetch-kernel-headers.sh DIR}
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)

private_apt "$dir/apt" sid
(cd "$dir/apt" && rm -f linux-libc-dev_*.deb && apt-get -qq download linux-libc-dev)
rm -rf "$dir/usr"
dpkg-deb -x "$dir"/apt/linux-libc-dev_*.deb "$dir"
basename "$dir"/apt/linux-libc-dev_*.deb | cut -d_ -f2 > "$dir/version"
rm -rf "$dir/apt"
