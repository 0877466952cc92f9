#!/bin/bash
# What shell scripts do every day: pipes, redirections, here-documents, subshells, traps, tests, globs, jobs.
set -u -o pipefail
cd /work || exit 90

echo "== pipes"
sort -n numbers.txt | head -n 3 | sed 's/line/LINE/' | tee first-three | wc -l
grep -c number numbers.txt | { read -r count && echo "counted $count"; }
cat nowhere 2>/dev/null | wc -c
echo "status of the pipe: ${PIPESTATUS[*]}"

echo "== redirections"
{ echo to the file; echo to standard error >&2; } >out.txt 2>err.txt
cat out.txt err.txt
echo more >>out.txt
wc -l <out.txt
exec 7<>both-ways
echo written through seven >&7
exec 7<&-
read -r line <both-ways && echo "$line"
: >|out.txt
test -s out.txt || echo "out.txt is empty"
(set -C; echo no >notes.txt) 2>/dev/null || echo "noclobber holds"
diff <(sort numbers.txt) <(sort -r numbers.txt | sort) && echo "substituted processes agree"

echo "== here-documents"
cat <<END >document
this is $((6 * 7)) in $(basename "$PWD")
END
cat document - <<<'a here-string'
tr a-z A-Z <<'END'
not $expanded
END

echo "== subshells"
(cd library && pwd && umask 077 && mkdir private && echo hidden >private/file)
pwd
stat -c '%A %n' library/private
value=$(cat notes.txt | wc -c)
echo "$value bytes"
(exit 7)
echo "status $?"

echo "== tests and globs"
for name in *; do
  [[ -L $name ]] && kind=link || { [[ -d $name ]] && kind=directory || kind=file; }
  echo "$kind $name"
done
shopt -s globstar
echo library/**/*.txt
[ library/a/first.txt -ef far-link ] && echo "same file"
[ -x script.sh ] && [ ! -w nowhere ] && [ -p fifo ] && echo "tests hold"

echo "== jobs"
(echo through the FIFO >fifo) &
read -r line <fifo && echo "$line"
wait $!
echo "status of the job: $?"
trap 'rm -f first-three; echo trapped' EXIT
mkdir -p made/by/script && mv out.txt made/by/script && ls -R made
exit 3
