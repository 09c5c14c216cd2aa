#!/bin/sh
# Runs once as root while an image is built: the one user of all images, and the list of what is inside.
# Works on Debian's packages as well as on the official images (Debian or Alpine).
set -eu

id=10001
grep -q "^[^:]*:[^:]*:$id:" /etc/group || echo "ballast:x:$id:" >>/etc/group
grep -q "^[^:]*:[^:]*:$id:" /etc/passwd || echo "ballast:x:$id:$id:Ballast:/nonexistent:/bin/sh" >>/etc/passwd

list() {
  if command -v dpkg-query >/dev/null 2>&1; then
    dpkg-query --show --showformat='${Package} ${Version}\n'
  elif command -v apk >/dev/null 2>&1; then
    apk info -v 2>/dev/null | sed 's/-\([0-9][^-]*-r[0-9]*\)$/ \1/'
  fi
  # What came without the package manager of the image: unpacked trees and programs, noted by the base, and libraries of Python.
  for noted in /usr/share/ballast/extras /usr/share/ballast/libraries; do
    if [ -f "$noted" ]; then cat "$noted"; fi
  done
}

mkdir -p /usr/share/ballast
list | sort -u | awk 'BEGIN { printf "{" } NF == 2 { printf "%s\"%s\":\"%s\"", (n++ ? "," : ""), $1, $2 } END { print "}" }' \
  >/usr/share/ballast/packages.json
