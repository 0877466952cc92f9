#!/bin/sh
# Builds the native addon and the twin executor in addon/.
set -eu
cd "$(dirname "$0")/../addon"
. ../scripts/node-headers.sh
node-gyp --loglevel error configure build
