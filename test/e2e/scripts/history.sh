#!/bin/sh
# What is done to a repository that has a history: clones of each kind, a bisection, a worktree, a collection of garbage.
set -e
export GIT_AUTHOR_NAME=Author GIT_AUTHOR_EMAIL=author@example.org GIT_AUTHOR_DATE='2024-01-02T03:04:05Z'
export GIT_COMMITTER_NAME=Committer GIT_COMMITTER_EMAIL=committer@example.org GIT_COMMITTER_DATE='2024-01-02T03:04:06Z'
export GIT_CONFIG_NOSYSTEM=1 GIT_PAGER=cat
# What takes longer than this many seconds tells its progress.
export GIT_PROGRESS_DELAY=600
cd /work
git init -q --initial-branch=main first
cd first
for number in 1 2 3 4 5 6 7 8; do
  echo "$number" >>count
  echo "the file of commit $number" >"file-$number"
  git add .
  git commit -q -m "number $number"
done
cd ..
git clone first second
git clone -q --bare first bare.git
git clone -q --no-local --depth 3 first shallow
git -C shallow log --oneline
cd second
git bisect start HEAD HEAD~7
git bisect run sh -c 'test "$(wc -l <count)" -lt 6'
git bisect reset
git worktree add -q ../tree HEAD~3
ls ../tree
git gc --quiet --prune=now
git count-objects -v
git fsck --full
git pull -q
# An index holds inode numbers and ctimes.
find /work -path '*.git/*' -name index -exec rm {} +
