package web

import (
	"bytes"
	_ "embed" // the page without a console
	"errors"
	"fmt"
	"html/template"
	"io/fs"

	"erp.internal/platform/httpx"
)

//go:embed console-unbuilt.html
var unbuilt string

// consolePolicy lets the console load its own files and ask its own server, and nothing else. Pictures may also come out
// of style sheets (data:) and scripts (blob:).
const consolePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; " +
	"connect-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"

// unbuiltPolicy lets in the one style of the page without a console, by its digest.
const unbuiltPolicy = "default-src 'none'; style-src 'sha256-V0hDlW/dSTpQx0ogjQB/CIhFc8GKAVUUYV66wA8O9nA='; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// Console serves the console at /frontend, or a page that says how to build it where that was not done.
//
// Errors: a built page that is no template of a page.
func Console(api *httpx.API, built fs.FS) error {
	source, policy := unbuilt, unbuiltPolicy
	switch index, err := fs.ReadFile(built, "index.html"); {
	case err == nil:
		source, policy = string(index), consolePolicy
	case !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("read the console's page: %w", err)
	}
	page, err := rendered(api, source)
	if err != nil {
		return fmt.Errorf("the console's page was not made for this server: run make web, then build the server again: %w", err)
	}
	assets, err := fs.Sub(built, "assets")
	if err != nil {
		return fmt.Errorf("read the console's files: %w", err)
	}
	api.Frontend(httpx.Frontend{Path: "/frontend", Page: page, Policy: policy, Assets: assets})
	return nil
}

// rendered tells a page where the API begins and what it is called.
func rendered(api *httpx.API, source string) ([]byte, error) {
	page, err := template.New("web/dist/console/index.html").Parse(source)
	if err != nil {
		return nil, err
	}
	var html bytes.Buffer
	err = page.Execute(&html, struct {
		Base, Name string
		Docs       bool
	}{api.Href(""), api.About.Name, api.Settings.Docs})
	return html.Bytes(), err
}
