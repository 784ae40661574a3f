#!/usr/bin/env bash
# Everything `make test` checks, in the order of how soon it can say no. Run by make, with the project's Node on the PATH.
set -euo pipefail
cd "$(dirname "$0")/.."

# Colours only where somebody looks at a terminal.
colors=off; [ -t 1 ] && colors=force

step() { printf '\n== %s\n' "$1"; }

step 'format and lint'
biome ci --error-on-warnings --colors="$colors" .
step 'types'
tsc -p tsconfig.json
step 'generated files are fresh'
node tests/support/generate.ts --check
step 'servers the suites need'
bash tests/support/install-servers.sh
step 'suites'
vitest run "$@"
