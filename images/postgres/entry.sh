#!/bin/sh
# Starts PostgreSQL; makes the cluster first when there is none. Needs no root, no capability and no writable root.
# The cluster lies one level below the volume, so that it can appear by one rename: whoever is killed in the middle of
# initdb leaves only a folder `.making.*`, which the next start throws away.
set -eu

volume=$(dirname "$PGDATA")
password_file=${BALLAST_SUPERUSER_PASSWORD_FILE:-/run/secrets/superuser-password}

refuse() {
  echo "ballast-postgres: $1" >&2
  exit 64
}

make_cluster() {
  [ ! -e "$PGDATA" ] || refuse "$PGDATA exists but holds no cluster: it is left as it is"
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

[ -s "$PGDATA/PG_VERSION" ] || make_cluster
exec postgres -D "$PGDATA" "$@"
