#!/bin/sh
# Makes addon/prebuilds: what the package carries so that nobody needs a compiler. Works on a copy, since prebuildify
# builds from nothing and would take addon/build away from programs that run.
set -eu
cd "$(dirname "$0")/.."

arch=$(node -p process.arch)
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
cp -r addon/package.json addon/binding.gyp addon/src addon/twin addon/keeper addon/loader addon/bpf "$copy"
ln -s "$PWD/node_modules" "$copy/node_modules"

. scripts/node-headers.sh
export npm_config_loglevel=error
rm -rf addon/prebuilds
prebuildify --cwd "$copy" --out "$PWD/addon" --napi --strip --target "$(node -p process.versions.node)"
for program in rsc-twin rsc-keeper rsc-loader; do
  install -m 755 "$copy/build/Release/$program" "addon/prebuilds/linux-$arch/$program"
  strip "addon/prebuilds/linux-$arch/$program"
done
