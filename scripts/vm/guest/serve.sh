# Runs what the host asks for over the virtio port, one request at a time (scripts/vm/protocol.ts).
#
# Host:  run ID USER SECONDS SCRIPT_BYTES STDIN_BYTES \n, then those bytes
# Guest: ready RELEASE \n, once; then for each request
#        done ID exit|timeout CODE STDOUT_BYTES STDERR_BYTES \n, then those bytes
#
# A process costs milliseconds under emulation, so that few are started.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/run/vm/bin
export HOME=/root LANG=C.UTF-8

work=/run/vm/work
mkdir -p $work
set -- /dev/vport*p1
exec 3<>"$1" || exit 1
rm -f $work/ended
mkfifo $work/ended
exec 4<>$work/ended

# receive BYTES FILE: exactly so many bytes from the host.
receive() {
  if [ "$1" -eq 0 ]; then
    : >"$2"
  else
    dd bs="$1" count=1 iflag=fullblock <&3 >"$2" 2>/dev/null
  fi
}

# start ID USER FILES: runs the script in a session of its own; its end is told through the pipe.
# What the script leaves in the background may live on: nobody waits for its files to be closed.
start() {
  (
    exec 3>&-
    cd /tmp || exit
    if [ "$2" = root ]; then
      setsid /bin/sh "$3.script" <"$3.stdin" >"$3.stdout" 2>"$3.stderr" 4>&- &
    else
      setsid su -s /bin/sh "$2" "$3.script" <"$3.stdin" >"$3.stdout" 2>"$3.stderr" 4>&- &
    fi
    echo $! >"$3.pid"
    wait $!
    echo "$1 $?" >&4
  ) &
}

# finish ID SECONDS FILES: sets how and code; a script that is late is killed with all its group.
finish() {
  how=exit
  while read -t "$2" -r ended code <&4; do
    # Anything else is the end of an earlier script that had to be killed.
    [ "$ended" = "$1" ] && return
  done
  how=timeout code=137
  read -r pid <"$3.pid"
  kill -KILL -"$pid"
}

# send BYTES FILE: so many bytes, even if something still writes to the file.
send() {
  [ "$1" -eq 0 ] || head -c "$1" "$2" >&3
}

echo "ready $(uname -r)" >&3
while read -r word id user seconds script_bytes stdin_bytes <&3; do
  [ "$word" = run ] || continue
  files=$work/$id
  receive "$script_bytes" "$files.script"
  receive "$stdin_bytes" "$files.stdin"
  start "$id" "$user" "$files"
  finish "$id" "$seconds" "$files"
  # shellcheck disable=SC2046  # two numbers
  set -- $(stat -c %s "$files.stdout" "$files.stderr")
  echo "done $id $how $code $1 $2" >&3
  send "$1" "$files.stdout"
  send "$2" "$files.stderr"
  rm "$files".*
done
