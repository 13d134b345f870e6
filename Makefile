# make run    builds and starts the server        make test   runs every test on a real PostgreSQL
# make lint   what a change must pass             make bench  measures, see docs/benchmarks.md
# make web    builds what comes from npm          make fuzz   drives the router with arbitrary requests
# make docs   prints docs/access-matrix.md

SHELL      := bash
MODULES     = $(shell go list -m -f '{{.Dir}}')
GO_SOURCES := $(shell find . \( -path ./web/node_modules -o -path ./.data -o -path ./bin \) -prune -o -type f \( -name '*.go' -o -name 'go.*' -o -name '*.sql' -o -name '*.html' -o -name '*.js' \) -print)
TESTFLAGS  ?=
FUZZTIME   ?= 30s

.PHONY: run build test lint tidy web docs fuzz bench clean

run: build
	@exec bin/erp serve

build: bin/erp

bin/erp: $(GO_SOURCES) web/dist/redoc/redoc.standalone.js.gz
	go build -o $@ ./cmd/erp

# The server works without what comes from npm; the pages that need it say so.
web/dist/redoc/redoc.standalone.js.gz: web/package-lock.json web/build.mjs
	@command -v npm >/dev/null && $(MAKE) --no-print-directory web || \
		echo 'ReDoc was not built, since npm is missing or failed: /redoc will say how to build it'

web:
	cd web && npm ci --no-progress --loglevel=error && npm run --silent build

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

tidy:
	@for dir in $(MODULES); do (cd $$dir && GOWORK=off go mod tidy) || exit 1; done

# The table of who may do what is printed of the policy that the tests hold the server to, and only when it holds.
docs:
	ERP_WRITE_DOCS=1 go test -count=1 -run '^TestAccessMatrix$$' ./cmd/erp

fuzz:
	cd modules/organization && go test -run='^$$' -fuzz=FuzzRouter -fuzztime=$(FUZZTIME) ./adapters/http

bench: bin/erp
	go build -o bin/bench ./cmd/bench
	bin/bench -erp bin/erp

clean:
	rm -rf bin web/node_modules
	find web/dist -type f ! -name .keep -delete
