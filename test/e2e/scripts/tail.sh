# Follows a file that grows, and one that is rotated; each line is waited for.
echo first > log
coproc tail -n +1 -f log
tail=$COPROC_PID
read -r line <&"${COPROC[0]}"; echo "-f: $line"
for word in second third; do
  echo "$word" >> log
  read -r line <&"${COPROC[0]}"; echo "-f: $line"
done
kill "$tail"; wait "$tail" 2>/dev/null; echo "status $?"

coproc tail -n +1 -F log 2>/dev/null
tail=$COPROC_PID
for word in first second third; do
  read -r line <&"${COPROC[0]}"; echo "-F: $line"
done
mv log log.1
echo fourth > log
read -r line <&"${COPROC[0]}"; echo "-F: $line"
echo fifth >> log
read -r line <&"${COPROC[0]}"; echo "-F: $line"
kill "$tail"; wait "$tail" 2>/dev/null; echo "status $?"

# It ends by itself when nobody reads any more, which it learns while it waits for the file.
{ tail -n +1 -f log; echo "tail $?" >&2; } | head -n 1
