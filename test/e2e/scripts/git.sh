#!/bin/sh
# A repository from its first commit: what it prints and stores is the same every time, as names and dates are given.
set -e
export GIT_AUTHOR_NAME=Author GIT_AUTHOR_EMAIL=author@example.org GIT_AUTHOR_DATE='2024-01-02T03:04:05Z'
export GIT_COMMITTER_NAME=Committer GIT_COMMITTER_EMAIL=committer@example.org GIT_COMMITTER_DATE='2024-01-02T03:04:06Z'
export GIT_CONFIG_NOSYSTEM=1 GIT_PAGER=cat
cd /work
git init --initial-branch=main shelf
cp -r library notes.txt shelf
cd shelf
git status --short
git add .
git commit -m 'the first books'
echo changed >>notes.txt
git mv library/a/first.txt library/a/renamed.txt
git status
git diff
git commit -am 'change a note, rename a book'
git log --stat --format=fuller
git checkout -q -b branch HEAD~1
git log --oneline --graph --all
git merge -q --ff-only main
git show --stat HEAD:notes.txt
git gc --quiet
git fsck
git status
