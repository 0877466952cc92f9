/** Policies' files, good and bad: the checker and the JSON Schema are held against the same ones. */

export interface BadPolicy {
  /** What is wrong: a test's title. */
  readonly has: string;
  readonly text: string;
  /** `LINE:COLUMN: expected ..., found ... => fix` */
  readonly mistakes: readonly string[];
  /** The schema cannot see it: it is in the text, in what words mean, or in how rules go together. */
  readonly beyondSchema?: true;
}

function rule(...lines: readonly string[]): string {
  return `version: 1\nrules:\n  - ${lines.join('\n    ')}\n`;
}

export const goodPolicies: Readonly<Record<string, string>> = {
  'a preset': 'version: 1\npreset: dev\n',
  'a default': 'version: 1\ndefault: remote\n',
  'a rule for every call': rule('route: remote'),
  'sets and names in one line': rule("syscalls: 'file, !unlink,getppid'", 'route: remote'),
  'sets and names in a list': rule("syscalls: [file, '!unlink', openat]", 'route: remote'),
  'all but a call': rule("syscalls: '!openat'", 'route: local'),
  'a path': rule('paths: /data/**', 'route: remote'),
  'paths of every kind': rule(
    "paths: ['/', /a, /a/*, '/**/*.txt', '/x?y', '/[a-c]', '/[!0-9]x', '/a\\{b', '/ö/**', /.x, /..x]",
    'route: remote',
  ),
  'a program': rule('program: [/usr/bin/git, /**/bash]', 'route: local'),
  'an origin': rule('syscalls: write', 'origin: remote', 'route: deny', 'errno: EROFS'),
  'everything in one rule': rule(
    'syscalls: openat',
    'paths: /data/**',
    'program: /usr/bin/git',
    'origin: remote',
    'route: deny',
    'errno: EACCES',
  ),
  'flow style': '{version: 1, preset: file, default: local, rules: [{route: local, paths: /srv/**}]}\n',
  'an anchor and its alias': rule('&a {paths: /x, route: local}').replace(
    /$/,
    '  - {paths: &p [/y], route: local}\n  - {syscalls: stat, paths: /z, route: remote}\n',
  ),
  'a narrower rule before a wider one':
    'version: 1\nrules:\n  - {paths: /data/tmp/**, route: local}\n  - {paths: /data/**, route: remote}\n',
  'the same paths for other calls':
    'version: 1\nrules:\n  - {syscalls: stat, paths: /data/**, route: local}\n  - {paths: /data/**, route: remote}\n',
  'a comment and a document mark': '# what is remote\n---\nversion: 1\npreset: all # every call\n',
};

const routes = 'remote, local or deny';
const errnoNeeded = 'the name of an errno';
const glob = 'the glob of an absolute path';

export const badPolicies: readonly BadPolicy[] = [
  {
    has: 'nothing in it',
    text: '',
    mistakes: ['1:1: expected a map with version and rules, found nothing => version: 1, and preset: file'],
  },
  {
    has: 'a list at the top',
    text: '- route: remote\n',
    mistakes: [
      '1:1: expected a map with version and rules, found a list => version: 1, and the list below rules:',
    ],
  },
  {
    has: 'a word at the top',
    text: 'file\n',
    mistakes: ['1:1: expected a map with version and rules, found "file" => version: 1, and preset: file'],
  },
  {
    has: 'no version',
    text: 'preset: file\n',
    mistakes: ['1:1: expected version 1, which this rsc reads, found no version => version: 1'],
  },
  {
    has: 'a version of the future',
    text: 'version: 2\npreset: file\n',
    mistakes: ['1:10: expected version 1, which this rsc reads, found the number 2 => version: 1'],
  },
  {
    has: 'a version in quotes',
    text: "version: '1'\npreset: file\n",
    mistakes: ['1:10: expected version 1, which this rsc reads, found "1" => version: 1'],
  },
  {
    has: 'a version without a value',
    text: 'version:\npreset: file\n',
    mistakes: ['1:9: expected version 1, which this rsc reads, found nothing => version: 1'],
  },
  {
    has: 'a misspelt key',
    text: 'version: 1\nrule:\n  - route: remote\npreset: file\n',
    mistakes: ['2:1: expected a key of a policy (version, preset, default or rules), found "rule" => rules:'],
  },
  {
    has: 'an unknown key',
    text: 'version: 1\nservers: {}\npreset: file\n',
    mistakes: [
      '2:1: expected a key of a policy (version, preset, default or rules), found "servers" => take it out',
    ],
  },
  {
    has: 'a key that is no text',
    text: 'version: 1\n[a]: b\npreset: file\n',
    mistakes: [
      '2:1: expected a key of a policy (version, preset, default or rules), found a list => take it out',
    ],
  },
  {
    has: 'the version and nothing else',
    text: 'version: 1\n',
    mistakes: ['1:1: expected rules, a preset or a default, found none of them => preset: file'],
  },
  {
    has: 'a misspelt preset',
    text: 'version: 1\npreset: flie\n',
    mistakes: ['2:9: expected a preset (file, net, all or dev), found "flie" => preset: file'],
  },
  {
    has: 'a list of presets',
    text: 'version: 1\npreset: [file, net]\n',
    mistakes: ['2:9: expected a preset (file, net, all or dev), found a list => preset: file'],
  },
  {
    has: 'a misspelt default',
    text: 'version: 1\ndefault: remot\n',
    mistakes: ['2:10: expected local or remote, found "remot" => default: remote'],
  },
  {
    has: 'a default that denies',
    text: 'version: 1\ndefault: deny\n',
    mistakes: [
      '2:10: expected local or remote, found "deny" => a last rule with route: deny and the calls that it is for',
    ],
  },
  {
    has: 'a default that is no text',
    text: 'version: 1\ndefault: true\n',
    mistakes: ['2:10: expected local or remote, found true => default: local'],
  },
  {
    has: 'rules that are a map',
    text: 'version: 1\nrules:\n  route: remote\n',
    mistakes: ['3:3: expected a list of rules, found a map => - before its first key'],
  },
  {
    has: 'rules that are a word',
    text: 'version: 1\nrules: file\n',
    mistakes: ['2:8: expected a list of rules, found "file" => - route: remote, and its conditions'],
  },
  {
    has: 'rules without a value',
    text: 'version: 1\nrules:\n',
    mistakes: ['2:7: expected a list of rules, found nothing => - route: remote, and its conditions'],
  },
  {
    has: 'an empty list of rules',
    text: 'version: 1\nrules: []\n',
    mistakes: ['2:8: expected a list of rules, found an empty one => take rules out, and have a preset'],
  },
  {
    has: 'a rule that is a word',
    text: 'version: 1\nrules:\n  - file\n',
    mistakes: ['3:5: expected a rule, which is a map, found "file" => route: remote, and its conditions'],
  },
  {
    has: 'a rule that is empty',
    text: 'version: 1\nrules:\n  -\n',
    mistakes: ['3:4: expected a rule, which is a map, found nothing => route: remote, and its conditions'],
  },
  {
    has: 'a misspelt key in a rule',
    text: rule('path: /data/**', 'route: remote'),
    mistakes: [
      '3:5: expected a key of a rule (syscalls, paths, program, origin, route or errno), found "path" => paths:',
    ],
  },
  {
    has: 'no route',
    text: rule('paths: /data/**'),
    mistakes: [`3:5: expected a route (${routes}), found none => route: remote`],
  },
  {
    has: 'a misspelt route',
    text: rule('route: locale'),
    mistakes: [`3:12: expected ${routes}, found "locale" => route: local`],
  },
  {
    has: 'a route that is a map',
    text: rule('route: {deny: EACCES}'),
    mistakes: [`3:12: expected ${routes}, found a map => route: remote`],
  },
  {
    has: 'a denial without an errno',
    text: rule('paths: /x', 'route: deny'),
    mistakes: ['4:5: expected an errno, which a denied call answers, found none => errno: EACCES'],
  },
  {
    has: 'an errno where nothing is denied',
    text: rule('route: local', 'errno: EACCES'),
    mistakes: ['4:5: expected no errno where nothing is denied, found one => route: deny, or no errno'],
  },
  {
    has: 'a misspelt errno',
    text: rule('paths: /x', 'route: deny', 'errno: EACESS'),
    mistakes: [`5:12: expected ${errnoNeeded}, found "EACESS" => errno: EACCES`],
  },
  {
    has: 'an errno in small letters',
    text: rule('paths: /x', 'route: deny', 'errno: enoent'),
    mistakes: [`5:12: expected ${errnoNeeded}, found "enoent" => errno: ENOENT`],
  },
  {
    has: 'an errno by its number',
    text: rule('paths: /x', 'route: deny', 'errno: 30'),
    mistakes: [`5:12: expected ${errnoNeeded}, found the number 30 => errno: EROFS`],
  },
  {
    has: 'a number that is no errno',
    text: rule('paths: /x', 'route: deny', 'errno: 4000'),
    mistakes: [`5:12: expected ${errnoNeeded}, found the number 4000 => errno: EACCES`],
  },
  {
    has: 'a misspelt call',
    text: rule('syscalls: opnat', 'route: remote'),
    mistakes: ['3:15: expected a system call or a set, found "opnat" => openat'],
  },
  {
    has: 'a misspelt call in a list of words',
    text: rule('syscalls: stat, !statfss,file', 'route: remote'),
    mistakes: ['3:21: expected a system call or a set, found "statfss" => !statfs'],
  },
  {
    has: 'a misspelt set in a list',
    text: rule("syscalls: [openat, 'dsc']", 'route: remote'),
    mistakes: ['3:25: expected a system call or a set, found "dsc" => desc'],
  },
  {
    has: 'a call that is like no other',
    text: rule('syscalls: qqqqqqqqq', 'route: remote'),
    mistakes: [
      '3:15: expected a system call or a set, found "qqqqqqqqq" => a set: all, desc, file, ipc, memory, net, process, signal or time',
    ],
  },
  {
    has: 'an empty list of calls',
    text: rule('syscalls: []', 'route: remote'),
    mistakes: ['3:15: expected system calls and sets, found an empty list => syscalls: file'],
  },
  {
    has: 'a comma too many',
    text: rule('syscalls: file,', 'route: remote'),
    mistakes: [
      '3:20: expected a system call or a set, found nothing => a set: all, desc, file, ipc, memory, net, process, signal or time',
    ],
  },
  {
    has: 'a number for a call',
    text: rule('syscalls: 257', 'route: remote'),
    mistakes: ['3:15: expected system calls and sets, found the number 257 => syscalls: file'],
  },
  {
    has: 'calls that are all taken away',
    text: rule("syscalls: 'stat,!file'", 'route: remote'),
    mistakes: [
      '3:15: expected system calls and sets, found a list that takes away all that it chose => first the sets, behind them what to leave out',
    ],
    beyondSchema: true,
  },
  {
    has: 'a ! that YAML takes for a tag',
    text: rule('syscalls: !unlink', 'route: remote'),
    mistakes: ["3:5: expected system calls and sets, found the YAML tag !unlink => '!unlink', in quotes"],
  },
  {
    has: 'a * that YAML takes for an alias',
    text: rule('paths: **/x', 'route: remote'),
    mistakes: [`3:12: expected ${glob}, found **/x, an alias of nothing => paths: /data/**`],
    beyondSchema: true,
  },
  {
    has: 'a path that is not absolute',
    text: rule('paths: data/**', 'route: remote'),
    mistakes: [`3:12: expected ${glob}, found "data/**", which does not begin with / => /data/**`],
  },
  {
    has: 'a home that no shell expands',
    text: rule('paths: ~/notes', 'route: remote'),
    mistakes: [`3:12: expected ${glob}, found "~/notes", which no shell expands here => /home/NAME/notes`],
  },
  {
    has: 'a variable that no shell expands',
    text: rule('paths: $HOME/notes', 'route: remote'),
    mistakes: [
      `3:12: expected ${glob}, found "$HOME/notes", which no shell expands here => /home/NAME/notes`,
    ],
  },
  {
    has: 'a path with a / at its end',
    text: rule('paths: /data/', 'route: remote'),
    mistakes: [
      `3:12: expected ${glob}, found "/data/", which ends with / => /data/** for the folder and all below it`,
    ],
  },
  {
    has: 'a path with ..',
    text: rule('paths: /data/../x', 'route: remote'),
    mistakes: [
      `3:12: expected ${glob}, found "/data/../x", which is not in its shortest form => write it without //, . and ..`,
    ],
  },
  {
    has: 'an empty path',
    text: rule("paths: ''", 'route: remote'),
    mistakes: [`3:12: expected ${glob}, found an empty one => name a path, or leave the line out`],
  },
  {
    has: 'a path without a value',
    text: rule('paths:', 'route: remote'),
    mistakes: [`3:11: expected ${glob}, found nothing => paths: /data/**`],
  },
  {
    has: '** in the middle of a name',
    text: rule('paths: /data/a**', 'route: remote'),
    mistakes: [
      `3:12: expected ${glob}, found "/data/a**", in which ** is not a whole component => a* in that place, or /**/ for folders`,
    ],
  },
  {
    has: 'braces in a path',
    text: rule("paths: '/{a,b}/**'", 'route: remote'),
    mistakes: [
      `3:12: expected ${glob}, found "/{a,b}/**", which has braces => a list with a glob for each choice, or \\{ for a brace`,
    ],
  },
  {
    has: 'a bracket that is not closed',
    text: rule("paths: '/[ab'", 'route: remote'),
    mistakes: [
      `3:12: expected ${glob}, found "/[ab", which has a [ without its characters and ] => close it, or \\[ for a bracket`,
    ],
    beyondSchema: true,
  },
  {
    has: 'a range that goes backwards',
    text: rule("paths: '/[z-a]'", 'route: remote'),
    mistakes: [`3:12: expected ${glob}, found "/[z-a]", in which z-a is no range => a-z`],
    beyondSchema: true,
  },
  {
    has: 'a \\ at the end of a path',
    text: rule("paths: '/a\\'", 'route: remote'),
    mistakes: [
      `3:12: expected ${glob}, found "/a\\\\", which has nothing behind its last \\ => \\\\ for a \\`,
    ],
    beyondSchema: true,
  },
  {
    has: 'a program by its name alone',
    text: rule('program: git', 'route: local'),
    mistakes: [`3:14: expected ${glob}, found "git", which does not begin with / => /**/git`],
  },
  {
    has: 'a program that is a map',
    text: rule('program: {name: git}', 'route: local'),
    mistakes: [`3:14: expected ${glob}, found a map => program: /usr/bin/git`],
  },
  {
    has: 'a misspelt origin',
    text: rule('origin: remotee', 'route: deny', 'errno: EIO'),
    mistakes: ['3:13: expected remote or local, found "remotee" => origin: remote'],
  },
  {
    has: 'an origin that is a list',
    text: rule('origin: [remote]', 'route: deny', 'errno: EIO'),
    mistakes: ['3:13: expected remote or local, found a list => origin: remote'],
  },
  {
    has: 'a descriptor that shall change its side',
    text: rule('syscalls: read', 'origin: remote', 'route: local'),
    mistakes: [
      '5:12: expected route remote or deny, as a descriptor stays on its side, found "local" => leave the rule out, or route: deny',
    ],
    beyondSchema: true,
  },
  {
    has: 'a path for a call that takes none',
    text: rule('syscalls: openat,read,getpid', 'paths: /data/**', 'route: remote'),
    mistakes: [
      '3:15: expected calls that take a path, found read, getpid, which take none => a rule of its own for read, getpid',
    ],
    beyondSchema: true,
  },
  {
    has: 'a path for a set that takes none',
    text: rule('syscalls: signal', 'paths: /data/**', 'route: remote'),
    mistakes: [
      '3:15: expected calls that take a path, found none of that kind => leave paths out, or choose others: syscalls: file',
    ],
    beyondSchema: true,
  },
  {
    has: 'an origin for a call without descriptors',
    text: rule('syscalls: stat', 'origin: local', 'route: local'),
    mistakes: [
      '3:15: expected calls that take a descriptor, found stat, which takes none => a rule of its own for stat',
    ],
    beyondSchema: true,
  },
  {
    has: 'a denial of what no program can do without',
    text: rule('syscalls: exit_group,kill', 'route: deny', 'errno: EPERM'),
    mistakes: [
      '3:15: expected calls that can be denied, found exit_group, without which no program ends or goes on => leave exit_group out',
    ],
    beyondSchema: true,
  },
  {
    has: 'a rule behind one for every call',
    text: 'version: 1\nrules:\n  - route: local\n  - syscalls: file\n    route: remote\n',
    mistakes: [
      '4:5: expected a rule that can decide, found one whose calls the rule in line 3 has decided before => put it before line 3, or leave it out',
    ],
    beyondSchema: true,
  },
  {
    has: 'a narrow path behind a wide one',
    text: 'version: 1\nrules:\n  - {paths: /data/**, route: remote}\n  - {paths: /data/tmp/x, route: local}\n',
    mistakes: [
      '4:5: expected a rule that can decide, found one whose calls the rule in line 3 has decided before => put it before line 3, or leave it out',
    ],
    beyondSchema: true,
  },
  {
    has: 'the same key twice',
    text: rule('route: local', 'route: remote'),
    mistakes: ['4:5: expected each key once in its map, found route again => take one of them out'],
    beyondSchema: true,
  },
  {
    has: 'a tab',
    text: 'version: 1\nrules:\n\t- route: local\n',
    mistakes: ['3:1: expected spaces, found a tab => indent with two spaces'],
    beyondSchema: true,
  },
  {
    has: 'two documents',
    text: 'version: 1\npreset: file\n---\nversion: 1\n',
    mistakes: ['3:1: expected one document, found another behind --- => take the --- out'],
    beyondSchema: true,
  },
  {
    has: 'a quote that is not closed',
    text: 'version: 1\npreset: "file\n',
    mistakes: [
      '3:1: expected YAML, found a mistake: missing closing "quote => look at the indentation, brackets and quotes here, and in the line above',
    ],
    beyondSchema: true,
  },
  {
    has: 'a key that is not indented as its brothers',
    text: 'version: 1\nrules:\n  - paths: /x\n   route: remote\n',
    mistakes: [
      '4:1: expected YAML, found a mistake: sequence item without - indicator => look at the indentation, brackets and quotes here, and in the line above',
    ],
  },
  {
    has: 'several mistakes',
    text: 'version: 3\ndefault: here\nrules:\n  - {syscalls: [opn, file], route: remote}\n  - {paths: data, route: lokal, x: 1}\n',
    mistakes: [
      '1:10: expected version 1, which this rsc reads, found the number 3 => version: 1',
      '2:10: expected local or remote, found "here" => default: local',
      '4:17: expected a system call or a set, found "opn" => open',
      `5:13: expected ${glob}, found "data", which does not begin with / => /**/data`,
      `5:26: expected ${routes}, found "lokal" => route: local`,
      '5:33: expected a key of a rule (syscalls, paths, program, origin, route or errno), found "x" => take it out',
    ],
  },
];
