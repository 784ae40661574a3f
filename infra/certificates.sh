#!/usr/bin/env bash
# certificates.sh <directory> <name> <dns name …>: a key and a certificate for servers and clients, signed by an authority that is
# made at the first call and used again by later ones. For stores inside a cluster; take public ones for what users see.
set -euo pipefail
umask 077

[ $# -ge 3 ] || { echo "usage: $0 <directory> <name> <dns name> [<dns name> …]" >&2; exit 2; }
directory=$1 name=$2
shift 2
mkdir -p "$directory"
cd "$directory"

if [ ! -e ca.key ]; then
  openssl req -x509 -newkey rsa:3072 -nodes -days 3650 -keyout ca.key -out ca.crt -subj '/CN=deskledger stores' \
    -addext 'basicConstraints=critical,CA:TRUE,pathlen:0' -addext 'keyUsage=critical,keyCertSign,cRLSign' 2>/dev/null
fi

names=$(printf ',DNS:%s' "$@")
openssl req -new -newkey rsa:3072 -nodes -keyout "$name.key" -out "$name.csr" -subj "/CN=$name" 2>/dev/null
openssl x509 -req -in "$name.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 365 -out "$name.crt" -extfile <(cat <<END
basicConstraints=critical,CA:FALSE
keyUsage=critical,digitalSignature,keyEncipherment
extendedKeyUsage=serverAuth,clientAuth
subjectAltName=${names#,}
END
) 2>/dev/null
rm "$name.csr"
echo "$directory/$name.crt"
