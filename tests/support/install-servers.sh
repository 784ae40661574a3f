#!/usr/bin/env bash
# Installs what the suites need beyond npm: Chromium for the pages, nats-server for the bus, Dovecot for mail accounts,
# libfaketime for wrong clocks. On Debian as root it does so by itself; elsewhere it says what is missing, and the suites
# that need it skip with that reason (and fail when CI=true).
set -euo pipefail

packages=()
command -v chromium >/dev/null || packages+=(chromium)
command -v nats-server >/dev/null || packages+=(nats-server)
[ -x /usr/sbin/dovecot ] || packages+=(dovecot-imapd)
compgen -G '/usr/lib/*/faketime/libfaketime.so.1' >/dev/null || packages+=(libfaketime)
command -v openssl >/dev/null || packages+=(openssl)
[ ${#packages[@]} -gt 0 ] || { echo 'all there'; exit 0; }

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "installing ${packages[*]} with apt-get"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
else
  echo "not installed and not mine to install here: ${packages[*]}"
fi
