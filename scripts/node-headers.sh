# Sourced: lets node-gyp use the headers that are installed with node, where they are. Else it fetches them.
prefix=$(node -p "require('node:path').resolve(process.execPath, '../..')")
if [ -f "$prefix/include/node/node_api.h" ]; then
  export npm_config_nodedir="$prefix"
fi
