#!/bin/sh
# run-in-image.sh <tree> <uid:gid or nothing> <working directory> [<path in the tree> <folder>]… -- <command>…
# In a mount namespace of its own, runs a command in the tree of an image as Kubernetes runs a container.
set -e
path_of_image=$PATH
PATH=/usr/sbin:/usr/bin:/sbin:/bin
tree=$1 user=$2 working_directory=$3
shift 3
mount --bind "$tree" "$tree"
mount --rbind /proc "$tree/proc"
mount --rbind /dev "$tree/dev"
mount -t tmpfs -o mode=1777 tmpfs "$tree/tmp"
while [ "$1" != -- ]; do
  mount --bind "$2" "$tree$1"
  shift 2
done
shift
mount -o remount,ro,bind "$tree"
PATH=$path_of_image exec /usr/bin/unshare --root "$tree" --wd "$working_directory" \
  ${user:+--setgid "${user#*:}" --setuid "${user%:*}"} "$@"
