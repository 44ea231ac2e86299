# Every chore of this repository. `make` alone lists them.
#
# `make demo` and `make test` need Go, make and git, nothing else; the linter is fetched by `make lint`, oasdiff by
# `make contract-diff`, and both stay out of go.mod, so that their modules are nobody's dependency but their own.
# `make documents` needs Node.js as well, and `make browser` Chromium besides.

GO            ?= go
GOLANGCI_LINT ?= $(GO) run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
OASDIFF       ?= $(GO) run github.com/oasdiff/oasdiff@v1.33.0

PKG      ?= ./...
ADDR     ?= 127.0.0.1:8585
FUZZTIME ?= 20s
BENCH    ?= .
COUNT    ?= 6
BASE     ?=
CORPUS   ?= ../shared/corpus

# What `make generate` writes; `make check-generate` deletes the first and compares both.
GENERATED := gen docs/fidelity.md

.DEFAULT_GOAL := help
.PHONY: help demo sandbox shop test bench fuzz fuzz-seeds generate fidelity check-generate corpus bundle documents browser contract-diff lint fmt ci

help: ## list the chores
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo '  settings: PKG=$(PKG) ADDR=$(ADDR) FUZZTIME=$(FUZZTIME) BENCH=$(BENCH) COUNT=$(COUNT) BASE=$(BASE) CORPUS=$(CORPUS)'

demo: ## the whole loop in one go: sandbox, both clients, a recording, its verdict
	$(GO) run ./cmd/kassa demo

sandbox: ## run the sandbox on ADDR until interrupted
	$(GO) run ./cmd/kassa sandbox --addr $(ADDR)

shop: ## a small web shop that takes payments, with a sandbox of its own, until interrupted
	$(GO) run ./examples/shop

test: ## every test of PKG, under the race detector where a C compiler works
	@GO='$(GO)' sh .ci/test $(PKG)

bench: ## benchmarks matching BENCH, COUNT times each, ready for benchstat
	$(GO) test -run '^$$' -bench '$(BENCH)' -benchmem -count $(COUNT) $(PKG)

fuzz: ## every fuzz target in turn, FUZZTIME each
	@GO='$(GO)' sh .ci/fuzz $(FUZZTIME) $(PKG)

fuzz-seeds: ## every fuzz target on its seeds and on what fuzzing found before
	@GO='$(GO)' sh .ci/test -run '^Fuzz' $(PKG)

generate: ## make gen/ and docs/fidelity.md from the documents in openapi/
	$(GO) generate ./openapi
	@$(MAKE) --no-print-directory fidelity

fidelity: ## make docs/fidelity.md alone: what is documented, inferred and assumed
	$(GO) run ./internal/fidelity -o docs/fidelity.md

check-generate: ## delete gen/, generate again, fail on any difference from the commit
	rm -rf gen && $(MAKE) --no-print-directory generate
	@sh .ci/unchanged $(GENERATED)

corpus: ## judge traffic that nobody here wrote, kept in CORPUS if at all, and send its requests to the sandbox
	$(GO) run ./internal/corpus -dir '$(CORPUS)'

bundle: ## each document as a single file, in openapi/dist/
	rm -rf openapi/dist && $(GO) run ./internal/bundle -o openapi/dist

documents: ## the documents against Redocly, Spectral and openapi-typescript (needs Node.js and npm)
	@GO='$(GO)' sh .ci/documents

browser: ## the payer's pages, the inspector and the shop in Chromium, against a running sandbox (needs Node.js, npm and Chromium)
	@GO='$(GO)' sh .ci/browser

contract-diff: ## what the documents break since the revision BASE, as oasdiff sees it
	@GO='$(GO)' OASDIFF='$(OASDIFF)' sh .ci/contract-diff '$(BASE)'

lint: ## gofmt, go vet and golangci-lint (.golangci.yml says what and why)
	@off=$$(gofmt -l .) && test -z "$$off" || { echo "not gofmt-ed (make fmt mends it):"; echo "$$off"; exit 1; }
	$(GO) vet ./...
	$(GOLANGCI_LINT) run

fmt: ## gofmt every Go file
	gofmt -w .

ci: ## what the gate runs, at home: generate, documents, lint, test, browser, fuzz seeds, demo, tidiness
	bash .ci/run
