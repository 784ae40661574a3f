#!/usr/bin/env bash
# Installs what the suites need beyond npm: Chromium for the pages, nats-server for the bus, Dovecot for mail accounts,
# libfaketime for wrong clocks, and what checks infra/: psql, shellcheck, docker-compose (which needs no Docker to check a
# file) and Prometheus' promtool. On Debian as root it does so by itself; elsewhere it says what is missing, and the suites
# that need it skip with that reason (and fail when CI=true).
set -euo pipefail

packages=()
command -v chromium >/dev/null || packages+=(chromium)
command -v nats-server >/dev/null || packages+=(nats-server)
[ -x /usr/sbin/dovecot ] || packages+=(dovecot-imapd)
compgen -G '/usr/lib/*/faketime/libfaketime.so.1' >/dev/null || packages+=(libfaketime)
command -v openssl >/dev/null || packages+=(openssl)
command -v psql >/dev/null || packages+=(postgresql-client)
command -v shellcheck >/dev/null || packages+=(shellcheck)
command -v docker-compose >/dev/null || packages+=(docker-compose)
command -v promtool >/dev/null || packages+=(prometheus)
[ ${#packages[@]} -gt 0 ] || { echo 'all there'; exit 0; }

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "installing ${packages[*]} with apt-get"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
else
  echo "not installed and not mine to install here: ${packages[*]}"
fi
