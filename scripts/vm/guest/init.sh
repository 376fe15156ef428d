#!/bin/busybox sh
# The guest's first process: loads modules, makes the root file system and starts start.sh in it.

/bin/busybox mkdir -p /proc /sys /dev /run /tmp
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t sysfs sysfs /sys
/bin/busybox mount -t devtmpfs devtmpfs /dev
/bin/busybox mount -t tmpfs -o mode=755 tmpfs /run
/bin/busybox mkdir -p /run/vm/bin
/bin/busybox cp /bin/busybox /start.sh /serve.sh /run/vm/
/run/vm/busybox --install -s /run/vm/bin
export PATH=/run/vm/bin

# The names sort into the order of loading; drivers probe while the root is being made.
for module in /modules/*; do
  insmod "$module" || echo "init: cannot load $module"
done

# The rescue image is its own root: busybox, the C library, nvmectl, nothing else.
if [ ! -e /kernel_modules ]; then
  /run/vm/busybox --install -s /bin
  mkdir -p /etc /root
  echo 'root:x:0:0:root:/root:/bin/sh' >/etc/passwd
  echo 'nobody:x:65534:65534:nobody:/nonexistent:/bin/sh' >>/etc/passwd
  exec /run/vm/busybox sh /run/vm/start.sh
fi

# The full image's root is the host's, read only, below a layer in memory that takes the writes.
# What is looked at once may be stale from then on; /run/vm/fresh shows the host as it is now.
mkdir -p /run/vm/host /run/vm/fresh /run/vm/layer /new
mount -t tmpfs tmpfs /run/vm/layer
mkdir -p /run/vm/layer/upper /run/vm/layer/work
options=trans=virtio,version=9p2000.L,ro,msize=512000
mount -t 9p -o $options,cache=none fresh /run/vm/fresh
mount -t 9p -o $options,cache=loose host /run/vm/host &&
  mount -t overlay overlay /new \
    -o lowerdir=/run/vm/host,upperdir=/run/vm/layer/upper,workdir=/run/vm/layer/work ||
  echo "init: cannot mount the host's root"

# modprobe works as on any machine: the modules of this kernel are somewhere below the host's root,
# which is asked for by its own path, as /tmp of the guest hides that of the host.
read -r kernel_modules </kernel_modules
mkdir -p /new/lib/modules /new/proc /new/sys /new/dev /new/run
[ -e "/new/lib/modules/$(uname -r)" ] ||
  ln -s "/run/vm/host$kernel_modules" "/new/lib/modules/$(uname -r)"
# A host's modprobe is a link whose target is not here yet.
[ -L /new/sbin/modprobe ] || [ -e /new/sbin/modprobe ] ||
  ln -s /run/vm/busybox /new/sbin/modprobe

for folder in proc sys dev run; do
  mount --move /$folder /new/$folder
done
exec /new/run/vm/busybox switch_root /new /run/vm/busybox sh /run/vm/start.sh
