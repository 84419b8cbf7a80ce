# The work is in tools/; this file only gives it short names.
PYTHON ?= python3
BOOTSTRAP = @$(PYTHON) tools/bootstrap.py

.DEFAULT_GOAL := help
.PHONY: help run test lint bench screenshots document messages lock clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## set up and serve NioChat with its demo: http://localhost:8010/ (PORTS="8010 8000" for others)
	$(BOOTSTRAP) run

test: ## set up and run every check and test (ARGS="tests/accounts -k login": only these, by pytest)
	$(BOOTSTRAP) test

lint: ## format, rules, types, import contracts, templates, JavaScript
	$(BOOTSTRAP) lint

bench: ## measure fan-out, write path, resume and queries (ARGS="--quick")
	$(BOOTSTRAP) bench

screenshots: ## take the documents' pictures anew
	$(BOOTSTRAP) screenshots

document: ## write the documents' generated tables anew
	$(BOOTSTRAP) document

messages: ## collect the texts to translate and compile the translations
	$(BOOTSTRAP) messages

lock: ## remake requirements.lock and requirements-dev.lock
	@tools/lock

clean: ## remove what the other commands made, the demo's data included
	$(BOOTSTRAP) clean
