import { needsOf, worksHere } from './engines';
import { goCure, goGuest, hasGo } from './go';
import { expectSameAsNative, type Case } from './same';

interface Program extends Case {
  readonly title: string;
}

const shell = (line: string): string[] => ['bash', '-c', line];

// Options that leave out what differs from one native run to the next are explained in their row.
const programs: Program[] = [
  {
    title: 'cat reads files and through links, and names the one that is missing',
    command: ['cat', 'notes.txt', 'far-link', 'größe', 'name with spaces', 'nowhere', 'numbers.txt'],
    status: 1,
    prints: 'a note that only the server has',
  },
  {
    title: 'cat passes 3 MiB through unchanged',
    command: shell('cat noise.bin noise.bin | sha256sum; cat <noise.bin >copy.bin'),
  },
  // The names of owners come from the server's /etc/passwd.
  {
    title: 'ls -laR lists all with owners, sizes and times',
    command: ['ls', '-laR', '--time-style=full-iso'],
    prints: 'captain',
  },
  { title: 'ls lists the root of the server', command: ['ls', '/', '/work/library'], prints: 'work' },
  {
    title: 'cp -a keeps links, modes and times',
    // It copies in the order of inode numbers.
    command: shell('cp -av library one two link script.sh noise.bin /tmp | sort'),
  },
  { title: 'cp refuses a directory without -r', command: ['cp', 'library', '/tmp/x'], status: 1 },
  {
    title: 'mv renames and moves',
    command: ['mv', '-v', 'notes.txt', 'poem.txt', 'library/b', 'dangling', '/tmp'],
  },
  { title: 'rm -r removes a tree', command: ['rm', '-rv', 'library', 'one', 'dangling'] },
  { title: 'rm says what it cannot remove', command: ['rm', 'nowhere', 'library'], status: 1 },
  {
    title: 'ln -s and ln make links',
    command: shell('ln -sv ../work/notes.txt /tmp/soft && ln -v notes.txt hard && ln -sf new link'),
  },
  // No inode numbers, no device, no ctime and no birth time: they differ between any two roots.
  {
    title: 'stat tells what it knows',
    command: [
      'stat',
      '-c',
      '%N %A %h %U %G %s %b %B %F %y',
      'notes.txt',
      'library',
      'link',
      'fifo',
      'one',
      '/work',
    ],
    prints: 'captain',
  },
  { title: 'stat -f tells of the file system', command: ['stat', '-f', '-c', '%T %l %s', '.'] },
  { title: 'du counts blocks, and hard links once', command: ['du', '-a', '.'] },
  { title: 'du counts bytes', command: ['du', '-ab', 'library', 'one', 'two'] },
  {
    title: 'find tells types, modes, sizes and times',
    command: ['find', '.', '-printf', '%p %y %m %s %n %l %t\n'],
  },
  {
    title: 'find selects, executes and deletes',
    command: shell(`find . -name '*.txt' -newermt 2020-01-01 -size -2 -exec cat {} \\; -delete`),
  },
  {
    title: 'bash reads a line from a FIFO before a time is over, or does not',
    command: shell(`exec 3<>fifo; read -t 0.2 line <&3; echo $?; { sleep 0.1; echo late >&3; } &
      read -t 20 line <&3; echo "$line" $?; trap 'echo trapped' USR1; { sleep 0.1; kill -USR1 $$; } &
      read -t 0.4 line <&3; echo $?; wait`),
    prints: 'late 0\ntrapped\n142',
  },
  {
    title: 'python selects and polls a FIFO',
    command: ['/usr/bin/python3', 'scripts/wait.py'],
    prints: "poll [('fifo', 1)]\n",
  },
  {
    title: 'python waits for FIFOs, pipes, children and timers by asyncio and every selector',
    command: ['/usr/bin/python3', 'scripts/events.py'],
    prints: "EpollSelector [('pipe', 1)]",
  },
  {
    title: 'node reads a FIFO while timers run, and watches a file',
    command: [process.execPath, 'scripts/fifo-timer.cjs'],
    prints: "watched [ 'change', 'notes.txt' ]",
  },
  {
    title: 'tail -f follows a file that grows, and tail -F one that is rotated',
    command: ['bash', 'scripts/tail.sh'],
    prints: '-F: fifth\nstatus 143\nfourth\n',
  },
  {
    title: 'tee writes its input to files',
    command: ['tee', 'tee-one', '/tmp/tee-two'],
    run: { input: 'for all to see\n' },
  },
  { title: 'tee -a appends', command: ['tee', '-a', 'notes.txt'], run: { input: '\nappended\n' } },
  {
    title: 'sort reads, sorts and writes in place',
    command: ['sort', '-n', '-u', '-o', 'numbers.txt', 'numbers.txt'],
  },
  // A small buffer makes it spill to temporary files.
  {
    title: 'sort spills to temporary files',
    command: ['sort', '-S', '16K', '-T', '/tmp', 'noise.bin', '-o', 'sorted'],
  },
  // Without a status line: it has the time that was taken.
  {
    title: 'dd copies blocks to a place in a file',
    command: [
      'dd',
      'if=noise.bin',
      'of=numbers.txt',
      'bs=3000',
      'skip=5',
      'seek=2',
      'count=9',
      'conv=notrunc,fsync',
      'status=none',
    ],
  },
  {
    title: 'dd writes a sparse file',
    command: ['dd', 'if=/dev/zero', 'of=sparse', 'bs=64k', 'count=8', 'conv=sparse', 'status=none'],
  },
  {
    title: 'truncate makes shorter and longer',
    command: shell('truncate -s 10 notes.txt && truncate -s 2M empty && truncate -s -5 one'),
  },
  { title: 'grep -r finds in all files', command: ['grep', '-rn', 'note', '.'], prints: 'about a note' },
  {
    title: 'tar c packs a tree',
    command: ['tar', '-cf', '/tmp/all.tar', 'library', 'one', 'two', 'link', 'fifo', 'noise.bin'],
  },
  {
    title: 'tar x unpacks it',
    command: shell(
      'tar -czf /tmp/all.tar.gz library one two link script.sh && mkdir out && tar -xvpf /tmp/all.tar.gz -C out; rm /tmp/all.tar.gz',
    ),
  },
  {
    title: 'sed -i edits in place',
    command: ['sed', '-i.before', '-e', 's/note/NOTE/', '-e', '2d', 'notes.txt', 'library/a/second.txt'],
  },
  {
    title: 'find | xargs joins programs',
    command: shell('find library -type f -print0 | sort -z | xargs -0 -n 2 wc -c'),
  },
  {
    title: 'touch, chmod, mkdir and rmdir change what they should',
    command: shell(
      'touch -d 2001-02-03 empty && touch new && chmod -v u+s,g-r new && mkdir -pm 711 x/y/z && rmdir -v x/y/z && readlink -f far-link && chmod -R go= library',
    ),
  },
  {
    title: 'a file that may only be read is not written',
    command: shell('echo no > library; echo x > nowhere/y; cat read-only'),
    prints: 'cannot be changed',
  },
  {
    title: 'a bash script with all that scripts have',
    command: ['bash', 'scripts/everyday.sh'],
    status: 3,
    prints: 'trapped',
  },
  {
    title: 'python3 works on files',
    command: ['/usr/bin/python3', 'scripts/files.py'],
    prints: 'copied on write',
  },
  {
    title: 'python3 works with threads and processes',
    command: ['/usr/bin/python3', 'scripts/processes.py'],
    status: 5,
    prints: 'terminated -15',
  },
  {
    title: 'sqlite3 creates, changes and reads a database with a rollback journal',
    command: shell(`
      sqlite3 books.db 'PRAGMA journal_mode=DELETE; CREATE TABLE book(title TEXT, pages INT); CREATE INDEX by_pages ON book(pages);'
      sqlite3 books.db "BEGIN; INSERT INTO book VALUES('one', 100), ('two', 200); COMMIT; UPDATE book SET pages = pages + 1;"
      sqlite3 books.db "BEGIN; DELETE FROM book; ROLLBACK; SELECT * FROM book ORDER BY pages; PRAGMA integrity_check;"
      sqlite3 books.db .dump; ls books*`),
    prints: 'two|201',
  },
  {
    title: 'sqlite3 rolls back the journal of a program that died',
    command: shell(`/usr/bin/python3 scripts/interrupted-transaction.py; echo status $?; ls books*
      sqlite3 books.db 'SELECT * FROM book; PRAGMA integrity_check;'; ls books*`),
    prints: 'journal True spilled True\nstatus 9\nbooks.db\nbooks.db-journal\nkept|1\nok\nbooks.db\n',
  },
  // The order in which the rows are in the file is that in which the writers got their turn.
  {
    title: 'two writers share a database in WAL mode, whose index they map',
    command: ['/usr/bin/python3', 'scripts/wal.py', '2'],
    prints: "[(0, 40, 780), (1, 40, 780)]\n('ok',)\n",
    volatile: ['/work/wal.db'],
  },
  // The index holds inode numbers and ctimes.
  {
    title: 'git makes a repository, commits, and tells of it',
    command: ['sh', 'scripts/git.sh'],
    prints: 'rename a book',
    volatile: ['/work/shelf/.git/index'],
  },
  {
    title: 'git clones, bisects and tidies up',
    command: ['sh', 'scripts/history.sh'],
    prints: 'is the first bad commit',
  },
  {
    title: 'make and gcc build a program, and only what has changed again',
    command: ['sh', 'scripts/project.sh'],
    prints: 'gcc -O1 -g -Wall -c -o greet.o greet.c',
  },
  { title: 'rsync mirrors a tree', command: ['sh', 'scripts/mirror.sh'], prints: 'deleting poem.txt' },
  {
    title: 'node reads and writes a thousand files at once',
    command: [process.execPath, 'scripts/many-files.cjs'],
    prints: 'left 334',
  },
  {
    title: 'python3 compiles modules and packs archives',
    command: ['sh', 'scripts/modules.sh'],
    prints: '84 /work/package/__pycache__',
  },
  {
    title: 'python3 locks files among processes, and works in pools of them',
    command: ['/usr/bin/python3', 'scripts/workers.py'],
    prints: 'counted 100',
  },
  {
    title: 'vi edits by command',
    command: shell(
      `vi -u NONE -es -c '%s/line/LINE/' -c 'g/9/d' -c 'w changed.txt' -c 'r poem.txt' -c wq numbers.txt; echo $?; wc changed.txt`,
    ),
    prints: '0\n',
  },
  {
    title: 'busybox, which is static, does all of it in one program',
    command: [
      '/bin/busybox',
      'sh',
      '-c',
      'ls -l; cat notes.txt; find . -type f | sort | xargs md5sum; cp -a library copy; tar cf - copy | tar tf -; sed -i s/a/b/ one; rm -r library; mkdir -p x/y; vi --help 2>&1 | head -n 1; awk "{n++} END {print n}" numbers.txt',
    ],
    prints: '1000',
  },
  {
    title: 'a program that is killed by a signal is seen as such',
    command: shell('echo before > left; kill -SEGV $$'),
    status: 139,
  },
];

describe('everyday programs, compared with a native run in the same root', function () {
  this.timeout(60_000);
  for (const { title, ...row } of programs) it(title, () => expectSameAsNative(row));

  describe(`and by the engine hybrid (what it needs: ${needsOf.hybrid})`, () => {
    for (const { title, flags = [], ...row } of programs) {
      it(title, function () {
        if (!worksHere('hybrid', row.run?.uid)) this.skip();
        return expectSameAsNative({ ...row, flags: [...flags, '--engine', 'hybrid'] });
      });
    }
  });

  for (const engine of ['auto', 'seccomp', 'ptrace']) {
    const title = `a static program in Go works on files, with the engine ${engine}`;
    if (!hasGo) {
      it(`${title} - ${goCure}`);
      continue;
    }
    it(title, () => {
      goGuest('go-files');
      return expectSameAsNative({
        command: ['guest:go-files'],
        prints: 'served noise.bin 200',
        flags: ['--engine', engine],
      });
    });
  }
});
