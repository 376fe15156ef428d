# Runs in the guest's final root as process 1: finishes the machine, waits for its drives, and
# becomes busybox's init, which keeps serve.sh running and, when asked for, a shell on the serial
# console.
#
# The kernel command line may say:
#   guest.nodes=N              wait for the block devices of N namespaces
#   guest.paths=N              wait for N pairs of controller and namespace
#   guest.load=MODULE,...      load these modules from the host's root
#   guest.network              configure the network card that reaches the host as 10.0.2.2
#   guest.shell=ROWSxCOLUMNS   give the serial console a shell of this size
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/run/vm/bin

mkdir -p /dev/pts /dev/shm /tmp /root /usr/local/bin
mount -t devpts -o mode=620 devpts /dev/pts
mount -t tmpfs -o mode=1777 tmpfs /dev/shm
mount -t tmpfs -o mode=1777 tmpfs /tmp
ln -sf /proc/self/fd /dev/fd
ip link set lo up

nodes=0 paths=0 network= shell=
for word in $(cat /proc/cmdline); do
  case $word in
    guest.nodes=*) nodes=${word#*=} ;;
    guest.paths=*) paths=${word#*=} ;;
    guest.load=*) modprobe -a $(echo "${word#*=}" | tr , ' ') ;;
    guest.network) network=yes ;;
    guest.shell=*) shell=${word#*=} ;;
  esac
done

if [ "$network" ]; then
  ip address add 10.0.2.15/24 dev eth0
  # No default route: the guest reaches the host at 10.0.2.2 and nothing beyond it.
  ip link set eth0 up
fi

# present WANTED FILE...: whether at least so many files are there; a pattern without a match is
# none.
present() {
  wanted=$1
  shift
  [ "$wanted" -eq 0 ] || { [ $# -ge "$wanted" ] && [ -e "$1" ]; }
}

waited=0
until present "$paths" /sys/class/nvme/nvme*/nvme*n* && present "$nodes" /dev/nvme[0-9]*n*; do
  waited=$((waited + 1))
  if [ $waited -gt 600 ]; then
    echo "start: not all of $paths paths and $nodes namespaces appeared in 30 s" >/dev/console
    break
  fi
  usleep 50000
done

echo '::respawn:/run/vm/busybox sh /run/vm/serve.sh' >/etc/inittab
if [ "$shell" ]; then
  {
    echo "stty rows ${shell%x*} columns ${shell#*x}"
    echo "export PATH=$PATH HOME=/root TERM=linux PS1='guest:\$PWD# '"
    echo 'cd /root'
    echo '/bin/sh -i'
    echo '/run/vm/busybox poweroff -f'
  } >/run/vm/shell.sh
  echo 'ttyS0::respawn:/run/vm/busybox sh /run/vm/shell.sh' >>/etc/inittab
fi
exec /run/vm/busybox init
