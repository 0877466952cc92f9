#!/bin/bash
# Shows rsc at work: a tree of files and a git repository that only a server has, used by programs that run here.
# Ends with 0 only if all that it shows is as it says. Called by `make demo`, after the build.
set -euo pipefail
cd "$(dirname "$0")/.."

world=$(mktemp -d)
trap 'rm -rf "$world"' EXIT
failures=0

# The names must not exist here: that is what makes the demonstration one.
for path in /harbour /harbour/log.txt /harbour/ships; do
  if [ -e "$path" ]; then
    echo "demo: $path exists on this machine; remove it first" >&2
    exit 1
  fi
done

if [ -t 1 ]; then bold=$'\033[1m' blue=$'\033[36m' red=$'\033[31m' plain=$'\033[0m'; else bold='' blue='' red='' plain=''; fi

step() {
  printf '\n%s# %s%s\n' "$bold" "$*" "$plain"
}

# A command as one would type it.
typed() {
  local word
  for word in "$@"; do
    if [[ $word =~ ^[A-Za-z0-9_./:=-]+$ ]]; then
      printf ' %s' "$word"
    elif [[ $word == *"'"* ]]; then
      printf ' "%s"' "$word"
    else
      printf " '%s'" "$word"
    fi
  done
}

mismatch() {
  printf '%s  %s%s\n' "$red" "$*" "$plain"
  failures=$((failures + 1))
}

# Runs a command with its file calls on the server, which must succeed and print the expected words.
remotely() { # expected words, command...
  local expected=$1 output status=0
  shift
  printf '%s$ rsc run --embedded world --%s%s\n' "$blue" "$(typed "$@")" "$plain"
  output=$(node packages/cli/bin/rsc.js run --embedded "$world" --cwd /harbour -- "$@" 2>&1) || status=$?
  printf '%s\n' "$output" | sed 's/^/  /'
  if [ "$status" -ne 0 ] || [[ $output != *"$expected"* ]]; then
    mismatch "MISMATCH: exit status $status, expected: $expected"
  fi
}

check() { # sentence, command...
  local sentence=$1
  shift
  if "$@"; then printf '  yes: %s\n' "$sentence"; else mismatch "NO: $sentence"; fi
}

absent() { [ ! -e "$1" ]; }

step 'A server gets a world of its own: files, a git repository, a root directory'
mkdir -p "$world"/{harbour/ships,tmp,etc}
echo "harbourmaster:x:$(id -u):$(id -g)::/harbour:/bin/sh" >"$world/etc/passwd"
echo "harbour:x:$(id -g):" >"$world/etc/group"
printf 'Monday: fog\nTuesday: fair wind from the west\nWednesday: three ships in\n' >"$world/harbour/log.txt"
for ship in Albatross Bounty Cutty-Sark; do
  printf 'name: %s\nmasts: 3\ncargo: tea\n' "$ship" >"$world/harbour/ships/$ship.yaml"
done
(
  cd "$world/harbour"
  export GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=Harbourmaster GIT_AUTHOR_EMAIL=master@harbour.example
  export GIT_COMMITTER_NAME=$GIT_AUTHOR_NAME GIT_COMMITTER_EMAIL=$GIT_AUTHOR_EMAIL
  git init --quiet --initial-branch=main .
  git add . && git commit --quiet -m 'Open the harbour'
  echo 'Thursday: one ship out' >>log.txt && git commit --quiet -am 'Log Thursday'
)
(cd "$world" && find harbour -path '*/.git' -prune -o -print | sort | sed 's/^/  world\//')

step 'Programs of this machine work on it; none of them knows'
remotely 'three ships in' cat /harbour/log.txt
remotely 'harbourmaster harbour' ls -l /harbour/ships
remotely 'ships/Cutty-Sark.yaml:3:cargo: tea' grep -rn tea ships log.txt
remotely 'Log Thursday' git log --oneline
remotely 'nothing to commit' git status
remotely "['Albatross', 'Bounty', 'Cutty-Sark']" /usr/bin/python3 -c '
import pathlib
names = sorted(path.stem for path in pathlib.Path("/harbour/ships").iterdir())
print(names)
pathlib.Path("/harbour/index.txt").write_text("\n".join(names))
print("wrote /harbour/index.txt")'
remotely 'Bounty|3' sqlite3 /harbour/ships.db "
CREATE TABLE ship (name TEXT, masts INT);
INSERT INTO ship VALUES ('Albatross', 3), ('Bounty', 3), ('Sloop', 1);
SELECT * FROM ship WHERE masts > 1;"
remotely '2 index.txt' bash -c 'wc -l index.txt; echo "Friday: $(ls ships | wc -l) ships" >> log.txt; tail -n 1 log.txt'

step 'Nothing of it is on this machine'
for path in /harbour /harbour/log.txt /harbour/ships/Bounty.yaml /harbour/index.txt /harbour/ships.db; do
  printf '%s$ cat %s%s\n' "$blue" "$path" "$plain"
  { cat "$path" 2>&1 || true; } | sed 's/^/  /'
  check "$path does not exist here" absent "$path"
done

step 'All that was written is in the world of the server'
check 'index.txt is there, as python3 wrote it' test "$(cat "$world/harbour/index.txt")" = $'Albatross\nBounty\nCutty-Sark'
check 'ships.db is there, as sqlite3 wrote it' test "$(sqlite3 "$world/harbour/ships.db" 'SELECT count(*) FROM ship')" = 3
check 'log.txt has the line that bash wrote' grep -q '^Friday: 3 ships$' "$world/harbour/log.txt"

if [ "$failures" -ne 0 ]; then
  printf '\n%sdemo: %s things were not as they should be%s\n' "$red" "$failures" "$plain"
  exit 1
fi
printf '\n%sdemo: all is as it should be%s\n' "$bold" "$plain"
