#!/bin/sh
# Runs Node with a low limit of open files, which its child processes inherit.
ulimit -n "$OPEN_FILES" || exit
exec "$NODE" "$@"
