// Package web holds what `make web` builds with npm: the console, and ReDoc.
package web

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
)

// all: takes .keep along, so that the package compiles before anything is built.
//
//go:embed all:dist
var files embed.FS

// Built returns the directories of what was built; before `make web` they are not there, and hold nothing.
//
// Errors: a program whose paths are none.
func Built() (console, redoc fs.FS, err error) {
	console, consoleErr := fs.Sub(files, "dist/console")
	redoc, redocErr := fs.Sub(files, "dist/redoc")
	if err := errors.Join(consoleErr, redocErr); err != nil {
		return nil, nil, fmt.Errorf("read built files: %w", err)
	}
	return console, redoc, nil
}
