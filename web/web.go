// Package web holds what `make web` builds from npm packages: ReDoc, and the console once there is one.
package web

import (
	"embed"
	"fmt"
	"io/fs"
	"net/http"

	"erp.internal/platform/httpx"
)

// all: takes .keep along, so that the package compiles before anything is built.
//
//go:embed all:dist
var files embed.FS

//go:embed frontend.html
var frontend []byte

const pagePolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// Built gives the built files; it is empty, but for .keep, before `make web`.
//
// Errors: a program that was built without its dist directory.
func Built() (fs.ReadDirFS, error) {
	dist, err := fs.Sub(files, "dist")
	if err != nil {
		return nil, fmt.Errorf("read built files: %w", err)
	}
	readable, ok := dist.(fs.ReadDirFS)
	if !ok {
		return nil, fmt.Errorf("read built files: %T cannot list directories", dist)
	}
	return readable, nil
}

// Frontend serves the page at /frontend/.
func Frontend(api *httpx.API) {
	api.Files("/frontend", pagePolicy, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write(frontend) // the client went away: there is nobody to tell
	}))
}
