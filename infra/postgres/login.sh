#!/bin/sh
# Makes the roles of roles.sql and gives each the password of its secret; in compose.yaml the postgres image runs it once,
# when the database is made. A secret database-url-<role> holds the URL that the service gets, so that no password is kept
# in two places. To change passwords later: change the secrets, run it again, restart the services.
set -eu

: "${POSTGRES_DB:?}" "${POSTGRES_USER:?}"
secrets=${SECRETS_DIR:-/run/secrets}
sql=${SQL_DIR:-/infra}

run() { psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --username="$POSTGRES_USER" --dbname="$POSTGRES_DB" "$@"; }

run --file="$sql/roles.sql" >/dev/null

for file in "$secrets"/database-url-*; do
  role=desk_$(basename "$file" | sed -e 's/^database-url-//' -e 's/-/_/g')
  password=$(sed -n -e 's|^postgres://[^:/@]*:\([A-Za-z0-9_-]\{16,\}\)@.*$|\1|p' "$file")
  [ -n "$password" ] || { echo "$file holds no URL with a password of 16 letters, digits, - or _" >&2; exit 1; }
  # Through standard input: arguments show in the list of processes, and the statement would stay in a log of failures.
  run <<SQL
set log_min_error_statement = panic;
set log_statement = 'none';
alter role $role login password '$password';
SQL
done
