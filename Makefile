# make demo: a whole desk on embedded defaults plays its main job.   make test: everything that must hold.
.DEFAULT_GOAL := help
BIN := node_modules/.bin
NODE := $(BIN)/node
INSTALLED := node_modules/.installed

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 18

$(INSTALLED): package-lock.json
	@echo "Installing packages (Node.js and PostgreSQL among them) …"
	@npm ci --loglevel=error --no-audit --no-fund
	@touch $@

install: $(INSTALLED) ## install what package-lock.json names

# node is started without npm or a shell in between, so that Ctrl-C and SIGTERM reach the desk itself.
demo: $(INSTALLED) ## start the desk, play a day of support mail, stay up until Ctrl-C
	@$(NODE) services/desk/main.ts demo

start: $(INSTALLED) ## start the desk without the scenario
	@$(NODE) services/desk/main.ts start

test: $(INSTALLED) ## format, lint, types, architecture, generated files, all suites
	@PATH="$(CURDIR)/$(BIN):$$PATH" bash tests/run.sh

test-containers: $(INSTALLED) ## contract and end-to-end suites on the servers' images; needs Docker, else exit code 3
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(NODE) tests/containers/main.ts

bench: $(INSTALLED) ## performance against baselines of the same run; table and tests/bench/results.json
	@$(NODE) tests/bench/main.ts

format: $(INSTALLED) ## write the house format
	@$(BIN)/biome check --write .

generate: $(INSTALLED) ## write anew what is generated from the code
	@$(NODE) tests/support/generate.ts

clean: ## remove installed packages; data stays
	rm -rf node_modules

.PHONY: help install demo start test test-containers bench format generate clean
