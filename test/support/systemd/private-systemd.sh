#!/bin/sh
# Runs a user instance of systemd for a test, also in a container in which systemd is not the first process. To be called
# as root in a mount namespace of its own (unshare --mount). $1 is the name of its control group. The caller sets
# XDG_RUNTIME_DIR and XDG_CONFIG_HOME, and removes the control group.
set -eu
mount --make-rprivate /
# systemd takes over all processes of the control group that it starts in: that must be one of its own, in each hierarchy
# that it can see. It sees no others.
groups=$(mktemp -d)
for hierarchy in systemd unified; do
  place=/sys/fs/cgroup/$hierarchy
  if [ -d "$place" ]; then
    mkdir "$place/$1"
    echo $$ > "$place/$1/cgroup.procs"
    mkdir "$groups/$hierarchy"
    mount --bind "$place" "$groups/$hierarchy"
  fi
done
grep -q "^[0-9]*:name=systemd:/$1\$" /proc/self/cgroup
mount -t tmpfs tmpfs /sys/fs/cgroup
for hierarchy in "$groups"/*; do
  mkdir "/sys/fs/cgroup/${hierarchy##*/}"
  mount --move "$hierarchy" "/sys/fs/cgroup/${hierarchy##*/}"
  rmdir "$hierarchy"
done
rmdir "$groups"
# What tells programs that systemd has booted the machine.
mkdir -p /run/systemd
mount -t tmpfs tmpfs /run/systemd
mkdir /run/systemd/system
exec /usr/lib/systemd/systemd --user --unit=test.target
