#!/bin/sh
# wkhtmltopdf (or wkhtmltoimage, by the name it is called) of another Debian release: its own loader, its own libraries.
set -eu
root=/opt/wk
loader=$(echo "$root"/lib/*-linux-gnu*/ld-linux-*.so.*)
triplet=$(basename "$(dirname "$loader")")
export QT_QPA_PLATFORM=offscreen QT_PLUGIN_PATH="$root/usr/lib/$triplet/qt5/plugins"
# Qt complains about a runtime folder that is not its user's alone, and Odoo logs every complaint.
export XDG_RUNTIME_DIR="${TMPDIR:-/tmp}/runtime-$(id -u)" XDG_CACHE_HOME="${TMPDIR:-/tmp}"
mkdir -p -m 0700 "$XDG_RUNTIME_DIR"
exec "$loader" --library-path "$root/usr/lib/$triplet:$root/lib/$triplet" "$root/usr/bin/$(basename "$0")" "$@"
