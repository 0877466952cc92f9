import type { Rule } from './policy.js';

/** Rules that a policy can name instead of writing them. */
export interface Preset {
  readonly what: string;
  readonly rules: readonly Rule[];
}

export type PresetName = 'all' | 'dev' | 'file' | 'net';

/** Where language tools keep programs and libraries, beside the default-local paths. */
const installed = ['/opt/**', '/nix/store/**', '/snap/**', '/gnu/store/**'];
const inHomes = ['.cargo', '.rustup', '.nvm', '.pyenv', '.rbenv', '.local/bin', '.local/lib'];
const inProjects = ['node_modules', 'site-packages', '.venv', '__pycache__'];
/** Files that an interpreter or a loader takes for program text. */
const programText = [
  'py',
  'pyc',
  'js',
  'mjs',
  'cjs',
  'rb',
  'pl',
  'pm',
  'lua',
  'php',
  'jar',
  'class',
  'so',
  'so.*',
];
/** What an interpreter looks for to find program text. */
const found = ['package.json', 'pyvenv.cfg'];

/** The presets by name. */
export const presets: Readonly<Record<PresetName, Preset>> = {
  file: {
    what: 'files are remote',
    rules: [{ syscalls: 'file', route: 'remote' }],
  },
  net: {
    what: 'the network is remote, as far as network calls can be sent',
    rules: [{ syscalls: 'net', route: 'remote' }],
  },
  all: {
    what: 'every call is remote that can be sent',
    rules: [{ syscalls: 'all', route: 'remote' }],
  },
  dev: {
    what: 'programs, libraries and language files are local, other files and the network are remote',
    rules: [
      {
        paths: [
          ...installed,
          ...[...inHomes, ...inProjects].map((folder) => `/**/${folder}/**`),
          ...programText.map((ending) => `/**/*.${ending}`),
          ...found.map((name) => `/**/${name}`),
        ],
        route: 'local',
      },
      { syscalls: 'file,net', route: 'remote' },
    ],
  },
};

/** Whether a preset has that name. */
export function isPresetName(word: string): word is PresetName {
  return Object.hasOwn(presets, word);
}

export const presetNames = Object.keys(presets) as readonly PresetName[];
