#!/bin/sh
# Starts PostgreSQL; makes the cluster first when there is none. Needs no root, no capability and no writable root.
# The cluster lies one level below the volume, so that it can appear by one rename: whoever is killed in the middle of
# initdb leaves only a folder `.making.*`, which the next start throws away.
#
# The first argument `--follow CONNECTION` makes it a replica: its cluster is copied from that server instead of made.
# A mounted file /run/ballast/epoch names the number that the data must carry. A server that was replaced by another one while
# it was away has an older number: it must not come up again beside the one that took its place.
set -eu

follow=
if [ "${1:-}" = "--follow" ]; then
  follow=$2
  shift 2
fi

volume=$(dirname "$PGDATA")
password_file=${BALLAST_SUPERUSER_PASSWORD_FILE:-/run/secrets/superuser-password}

refuse() {
  echo "ballast-postgres: $1" >&2
  exit 64
}

make_cluster() {
  [ ! -e "$PGDATA" ] || refuse "$PGDATA exists but holds no cluster: it is left as it is"
  # Shown by Ballast once there was one: a disk that is not mounted, or was emptied, is no new one.
  [ ! -e /run/ballast/made ] || refuse "the data that were in this volume are gone, and are not replaced by an empty cluster: put them back; to give them up, remove this container and its volume (docker rm, docker volume rm), then: ballast apply FOLDER --recreate NAMES"
  [ -s "$password_file" ] || refuse "no cluster in $PGDATA, and no password of the superuser in $password_file"
  rm -rf "$volume"/.making.*
  making=$(mktemp -d "$volume/.making.XXXXXX")
  initdb --pgdata="$making" --username=postgres --pwfile="$password_file" --data-checksums \
    --auth-host=scram-sha-256 --auth-local=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8 >&2
  cat >>"$making/postgresql.conf" <<'CONF'

# Written by Ballast when the cluster was made. What is declared comes from the file at the end and wins.
listen_addresses = '*'
unix_socket_directories = '/run/postgresql'
password_encryption = 'scram-sha-256'
jit = off
logging_collector = off
log_destination = 'stderr'
log_timezone = 'UTC'
timezone = 'UTC'
include_if_exists = '/etc/ballast/postgres.conf'
CONF
  cat >"$making/pg_hba.conf" <<'CONF'
# Inside the container the server's own user is the superuser by socket: it can read the data files anyway.
local   all          postgres       peer map=ballast
local   all          all            scram-sha-256
host    all          all       all  scram-sha-256
host    replication  all       all  scram-sha-256
CONF
  echo 'ballast ballast postgres' >>"$making/pg_ident.conf"
  sync
  mv -T "$making" "$PGDATA"
  sync
}

copy_cluster() {
  [ ! -e "$PGDATA" ] || refuse "$PGDATA exists but holds no cluster: it is left as it is"
  rm -rf "$volume"/.making.*
  making=$(mktemp -d "$volume/.making.XXXXXX")
  pg_basebackup --pgdata="$making" --dbname="$follow" --wal-method=stream --checkpoint=fast --slot=ballast_replica --no-password >&2
  touch "$making/standby.signal"
  sync
  mv -T "$making" "$PGDATA"
  sync
}

check_epoch() {
  [ -s /run/ballast/epoch ] || refuse "no epoch in /run/ballast: only Ballast starts this server"
  wanted=$(cat /run/ballast/epoch)
  if [ ! -e "$PGDATA/ballast.epoch" ]; then
    echo "$wanted" >"$PGDATA/ballast.epoch.making"
    mv -T "$PGDATA/ballast.epoch.making" "$PGDATA/ballast.epoch"
    sync
  fi
  have=$(cat "$PGDATA/ballast.epoch")
  [ "$have" = "$wanted" ] || refuse "the data are of epoch $have and epoch $wanted is in force: another server took over meanwhile"
}

if [ ! -s "$PGDATA/PG_VERSION" ]; then
  if [ -n "$follow" ]; then copy_cluster; else make_cluster; fi
fi
check_epoch
exec ballast-promptly postgres -D "$PGDATA" "$@"
