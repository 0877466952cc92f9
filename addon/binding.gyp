{
  'targets': [
    {
      'target_name': 'rsc',
      'sources': [
        'src/addon.cc', 'src/beside.cc', 'src/claim-maps.cc', 'src/claim-ring.cc', 'src/claims.cc', 'src/listener.cc', 'src/memory.cc',
        'src/probe.cc', 'src/readiness.cc', 'src/socket.cc', 'src/spawn.cc', 'src/trace.cc', 'src/vsock.cc',
        'src/watch.cc',
        'twin/interruptible.cc', 'twin/interruptible-call.S'
      ],
      'include_dirs': [ "<!(node -p \"require('node-addon-api').include_dir\")" ],
      'defines': [ 'NAPI_VERSION=8', 'NODE_ADDON_API_DISABLE_DEPRECATED' ],
      'cflags_cc!': [ '-fno-exceptions', '-std=gnu++17', '-fno-rtti' ],
      'cflags_cc': [
        '-std=c++17', '-O2', '-fexceptions', '-Wall', '-Wextra', '-Werror', '-Wno-unused-parameter',
        '-Wno-cast-function-type', '-Wno-missing-field-initializers'
      ],
      # Never unloaded: when a worker ends, its signal handler and the thread that watches the connection may still run.
      'ldflags': [ '-Wl,-z,nodelete' ]
    },
    {
      'target_name': 'rsc-twin',
      'type': 'executable',
      'sources': [
        'twin/arena.cc', 'twin/call.cc', 'twin/cbor.cc', 'twin/failure.cc', 'twin/filter.cc', 'twin/frame.cc',
        'twin/interruptible.cc', 'twin/interruptible-call.S', 'twin/leader.cc', 'twin/main.cc', 'twin/options.cc',
        'twin/refusal.cc', 'twin/sandbox.cc', 'twin/socket.cc', 'twin/twin.cc'
      ],
      'cflags_cc': [ '-std=c++17', '-O2', '-Wall', '-Wextra', '-Werror' ],
      'ldflags': [ '-static', '-pthread' ]
    },
    {
      'target_name': 'rsc-keeper',
      'type': 'executable',
      'sources': [ 'keeper/alone.cc', 'keeper/listener.cc', 'keeper/main.cc', 'keeper/programs.cc' ],
      'cflags_cc': [ '-std=c++17', '-O2', '-Wall', '-Wextra', '-Werror' ],
      'ldflags': [ '-static' ]
    },
    {
      'target_name': 'rsc-loader',
      'type': 'executable',
      'sources': [
        'bpf/objects.S', 'loader/claim-programs.cc', 'loader/entry.cc', 'loader/failure.cc', 'loader/keeping.cc',
        'loader/main.cc', 'loader/veto-programs.cc'
      ],
      'include_dirs': [ 'bpf' ],
      'cflags_cc!': [ '-fno-exceptions' ],
      'cflags_cc': [ '-std=c++17', '-O2', '-fexceptions', '-Wall', '-Wextra', '-Werror' ],
      'ldflags': [ '-static' ],
      'libraries': [ '-l:libbpf.a', '-l:libelf.a', '-l:libz.a' ]
    }
  ]
}
