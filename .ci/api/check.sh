#!/usr/bin/env bash
# check.sh: what `make api-check` does. It holds the document that bin/erp prints against the recommended rules of two
# linters and against the last release's, and compiles clients that others' generators make of it.
# It asks nothing of any other machine: the packages are there already.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
export REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true GOWORK=off GOFLAGS=-mod=readonly

bin=$PWD/../../bin document=$PWD/generated-openapi.json
say() { printf '%s\n' "api-check: $*"; }

# What an installation may set must not change the document.
(cd / && env -i PATH="$PATH" APP_VERSION=checked "$bin/erp" openapi) >"$document"

say "Redocly"
npx --no-install redocly lint --config redocly.yaml "$document"
say "Spectral"
npx --no-install spectral lint --ruleset spectral.yaml --fail-severity hint "$document"

say "breaking changes since the last release"
node --test --test-reporter=dot breaking.test.mjs
node breaking.mjs ../../docs/openapi-released.json "$document" ../../CHANGELOG.md

say "a Go client by oapi-codegen"
mkdir -p client-go/generated
"$bin/oapi-codegen" -generate types,client -package generated -o client-go/generated/client.go "$document"
go vet ./client-go/...

say "TypeScript types by openapi-typescript"
npx --no-install openapi-typescript "$document" --output client-ts/generated.d.ts >/dev/null
npx --no-install tsc --project client-ts
say "passed"
