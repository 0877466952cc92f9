#!/bin/sh
# Puts the newest kernel headers of Debian (sid's linux-libc-dev, both architectures) into the directory $1.
# Uses private apt directories: nothing of the system's apt state is read or changed, no privilege is needed.
set -eu
dir=${1:?usage: fetch-kernel-headers.sh DIR}
mkdir -p "$dir/apt/lists/partial" "$dir/apt/cache/archives/partial"
dir=$(cd "$dir" && pwd)

touch "$dir/apt/status"
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian sid main" \
  > "$dir/apt/sources.list"
cat > "$dir/apt/apt.conf" <<EOF
Dir::State::Lists "$dir/apt/lists";
Dir::State::status "$dir/apt/status";
Dir::Cache "$dir/apt/cache";
Dir::Etc::SourceList "$dir/apt/sources.list";
Dir::Etc::SourceParts "/dev/null";
APT::Architecture "amd64";
APT::Architectures { "amd64"; };
APT::Sandbox::User "";
Acquire::Languages "none";
EOF
export APT_CONFIG="$dir/apt/apt.conf"

apt-get -qq update
(cd "$dir/apt" && rm -f linux-libc-dev_*.deb && apt-get -qq download linux-libc-dev)
rm -rf "$dir/usr"
dpkg-deb -x "$dir"/apt/linux-libc-dev_*.deb "$dir"
basename "$dir"/apt/linux-libc-dev_*.deb | cut -d_ -f2 > "$dir/version"
rm -rf "$dir/apt"
