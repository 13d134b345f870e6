# make run    builds and starts the server        make test   runs every test on a real PostgreSQL
# make lint   what a change must pass             make bench  measures, see docs/benchmarks.md
# make web    builds the console and ReDoc        make fuzz   tries arbitrary input, see .ci/fuzz
# make module NAME=payroll ENTITY=payslip   writes a new module, see docs/new-module.md
# make docs   prints the tables in docs/          make types  writes the console's types of the API
# make web-test  lints, checks and tests the console      make e2e   drives it in Chromium
# make docs-check  compares the pictures of docs/ with their texts
# make api-check  holds the OpenAPI document against linters, the last release, and generators of clients
# make vuln       looks for known vulnerabilities         make api-released  keeps the document, for a release

SHELL      := bash
MODULES     = $(shell go list -m -f '{{.Dir}}')
GO_SOURCES := $(shell find . \( -path ./web/node_modules -o -path ./web/src -o -path ./web/e2e -o -path ./.data -o -path ./bin \) -prune -o -type f \( -name '*.go' -o -name 'go.*' -o -name '*.sql' -o -name '*.html' -o -name '*.js' \) -print)
WEB_SOURCES := $(shell find web/src web/scripts web/index.html web/vite.config.ts web/package-lock.json -type f ! -name '*.test.ts')
TESTFLAGS  ?=
E2EFLAGS   ?=
FUZZTIME   ?= 2m

.PHONY: module run build test lint tidy web types web-test e2e docs docs-check api-check api-tools api-released vuln fuzz bench bench-docs kills clean

run: build
	@exec bin/erp serve

build: bin/erp

# Without MessagePack, which Gin brings and nothing here uses: 9 MB less of program, and 2 MiB less of memory when idle.
bin/erp: $(GO_SOURCES) web/dist/console/index.html
	go build -tags nomsgpack -o $@ ./cmd/erp

# The server works without what comes from npm; the pages that need it say so.
web/dist/console/index.html: $(WEB_SOURCES)
	@command -v npm >/dev/null && $(MAKE) --no-print-directory web || \
		echo 'the console and ReDoc were not built, since npm is missing or failed: /frontend/ and /redoc will say how to build them'

web: web/node_modules/.package-lock.json
	cd web && npm run --silent build

# npm writes this file last.
web/node_modules/.package-lock.json: web/package-lock.json
	cd web && npm ci --no-progress --loglevel=error && touch node_modules/.package-lock.json

types: build web/node_modules/.package-lock.json
	cd web && npm run --silent types

# What needs Node, but no browser and no database.
web-test: build web/node_modules/.package-lock.json
	cd web && npm run --silent check && npm run --silent test

# The whole program in Chromium, at CHROMIUM or /usr/bin/chromium. Pictures of every view are in web/screenshots afterwards.
e2e: build web/node_modules/.package-lock.json
	@test -e web/dist/console/index.html || { echo 'make e2e needs the console, and npm is missing or failed: see above' >&2; exit 1; }
	cd web && npx playwright test $(E2EFLAGS)

# The report says which PostgreSQL server the tests ran on.
test:
	@report=$$(mktemp); ERP_TEST_REPORT=$$report go test $(TESTFLAGS) work; result=$$?; \
	sort -u $$report; rm -f $$report; exit $$result

lint: bin/golangci-lint
	@test -z "$$(gofmt -l $(MODULES))" || { echo 'not formatted:'; gofmt -l $(MODULES); exit 1; }
	go vet work
	bin/golangci-lint run $(addsuffix /...,$(MODULES))
	@for dir in $(MODULES); do echo "tidy $${dir#$(CURDIR)}"; \
		(cd $$dir && GOWORK=off go mod tidy -diff && GOWORK=off go build ./...) || exit 1; done

bin/golangci-lint: .ci/tools/go.sum
	cd .ci/tools && GOWORK=off go build -o $(CURDIR)/$@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint

# What api-check needs besides the program.
api-tools: bin/oapi-codegen bin/oasdiff .ci/api/node_modules/.package-lock.json

api-check: build api-tools
	.ci/api/check.sh

bin/oapi-codegen bin/oasdiff: .ci/api/go.sum
	cd .ci/api && GOWORK=off go build -o $(CURDIR)/bin/ github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen github.com/oasdiff/oasdiff

.ci/api/node_modules/.package-lock.json: .ci/api/package-lock.json
	cd .ci/api && npm ci --no-progress --loglevel=error && touch node_modules/.package-lock.json

# Of a release, with its version: what the next changes are held against. See CONTRIBUTING.md.
api-released: build
	@test -n "$(VERSION)" || { echo 'make api-released VERSION=1.2.3' >&2; exit 2; }
	cd / && env -i PATH="$$PATH" APP_VERSION="$(VERSION)" $(CURDIR)/bin/erp openapi > $(CURDIR)/docs/openapi-released.json

# Status 4 says that the database of vulnerabilities could not be reached.
vuln: bin/govulncheck
	@.ci/vulncheck $(MODULES)

bin/govulncheck: .ci/tools/go.sum
	cd .ci/tools && GOWORK=off go build -o $(CURDIR)/$@ golang.org/x/vuln/cmd/govulncheck

tidy:
	@for dir in $(MODULES); do (cd $$dir && GOWORK=off go mod tidy) || exit 1; done

# Optional: PLURAL, where English has more than an s for that, and KOREAN, what one is called in Korean.
module:
	@go run ./cmd/module -name '$(NAME)' -entity '$(ENTITY)' -plural '$(PLURAL)' -korean '$(KOREAN)'

# The tables of the documentation: of who may do what, from the policy that the tests hold the server to, and only when it
# holds; those that erp docs prints; and of the modules. The pictures, from the texts beside them.
docs: .ci/docs/node_modules/.package-lock.json
	ERP_WRITE_DOCS=1 go test -count=1 -run '^TestPrintedModules$$' .
	ERP_WRITE_DOCS=1 go test -count=1 -run '^(TestAccessMatrix|TestPrintedTables)$$' ./cmd/erp
	node .ci/docs/pictures.mjs

docs-check: .ci/docs/node_modules/.package-lock.json
	node .ci/docs/pictures.mjs --check

.ci/docs/node_modules/.package-lock.json: .ci/docs/package-lock.json
	cd .ci/docs && npm ci --no-progress --loglevel=error && touch node_modules/.package-lock.json

# FUZZTIME is of all targets together: FUZZTIME=1h takes an hour, on every core.
fuzz:
	@.ci/fuzz $(FUZZTIME)

kills: bin/erp
	go run ./cmd/kills -erp bin/erp

bench: bin/erp
	go build -o bin/bench ./cmd/bench
	bin/bench -erp bin/erp -json bin/bench.json

# The tables and charts in docs, from what make bench measured.
bench-docs:
	bin/bench docs bin/bench.json docs

clean:
	rm -rf bin web/node_modules web/screenshots web/test-results
	find web/dist -mindepth 1 ! -name .keep -delete
