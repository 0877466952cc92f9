#!/bin/sh
# native-root.sh ROOT FROM=TO... -- COMMAND...
# Runs a command natively in ROOT, in /work, with each path FROM of this machine mounted at TO in ROOT. Needs a mount
# namespace of its own.
set -eu
root=$1
shift
while [ "$1" != -- ]; do
  mount --rbind "${1%=*}" "$root${1#*=}"
  shift
done
shift
if [ "$(id -u)" -ne 0 ]; then
  # The capabilities of the namespace were for the mounts only.
  set -- setpriv --ambient-caps=-all --inh-caps=-all --bounding-set=-all "$@"
fi
exec chroot "$root" /usr/bin/env -C /work "$@"
