#!/usr/bin/env bash
# Makes the secrets that compose.yaml mounts, one file each, in infra/secrets: random, readable by their owner, never in
# git. What is there already stays as it is, so running it again is safe.
set -euo pipefail
umask 077

directory=${1:-$(dirname "$0")/secrets}
mkdir -p "$directory"
cd "$directory"

random() { head -c 24 /dev/urandom | base64 | tr '+/' '-_' | tr -d '\n='; }

# keep <name>: writes standard input to a file, unless there is one. Containers run as users of their own.
keep() {
  if [ -e "$1" ]; then cat >/dev/null; return; fi
  cat >"$1"
  chmod 0444 "$1"
  echo "$directory/$1"
}

random | keep postgres-password
random | keep desk-secret
random | keep grafana-admin-password

for role in owner command-api query-api projector email-ingest routing relations bulk notification sla-timer relay grafana; do
  echo "postgres://desk_${role//-/_}:$(random)@postgres:5432/desk" | keep "database-url-$role"
done

users='relay services operator integrator'
for user in $users; do
  echo "nats://$user:$(random)@nats:4222" | keep "nats-url-$user"
done
# The server's half: the same passwords under the names that nats.conf uses, made anew so that it has every user.
rm -f nats-passwords.conf
for user in $users; do
  echo "${user^^}_PASSWORD: \"$(sed -e 's|^nats://[^:]*:||' -e 's|@.*$||' "nats-url-$user")\""
done | keep nats-passwords.conf >/dev/null
sed -e 's|^postgres://[^:]*:||' -e 's|@.*$||' database-url-grafana | keep grafana-database-password
