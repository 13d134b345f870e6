package httpx

import (
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"strings"
	"sync"

	"github.com/gin-gonic/gin"
	"github.com/swaggest/swgui/v5/static"
)

//go:embed pages/*.html
var pages embed.FS

//go:embed pages/swagger.js
var swaggerStart []byte

// docsPolicy is the Content-Security-Policy of the two pages: only scripts of this server. Both set styles from scripts;
// ReDoc searches in a worker made from a blob.
const docsPolicy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
	"font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// redocBundle is ReDoc's file, which `make web` builds and stores compressed; it comes from npm and is not committed.
const redocBundle = "redoc.standalone.js.gz"

// Docs serves the OpenAPI document and the pages that show it, Swagger UI at /docs and ReDoc at /redoc, all without the
// internet. redoc holds the files of ReDoc that `make web` builds.
//
// Errors: a page that cannot be written.
func (a *API) Docs(redoc fs.FS) error {
	a.serveDocument("/openapi.json", "application/json", a.OpenAPI)
	a.serveDocument("/openapi.yaml", "application/yaml", a.OpenAPIYAML)
	if err := a.page("/docs", "swagger.html"); err != nil {
		return err
	}
	a.assets("/docs/ui", static.FS)
	a.file("/docs/start.js", docsPolicy, "text/javascript; charset=utf-8", swaggerStart)

	page := "redoc.html"
	if _, err := fs.Stat(redoc, redocBundle); err != nil {
		page = "redoc-unbuilt.html"
	}
	if err := a.page("/redoc", page); err != nil {
		return err
	}
	a.assets("/redoc/ui", redoc)
	return nil
}

// page serves an HTML template, which gets the base path of the API.
func (a *API) page(path, name string) error {
	page, err := template.ParseFS(pages, "pages/"+name)
	if err != nil {
		return fmt.Errorf("read page %s: %w", name, err)
	}
	var html strings.Builder
	if err := page.Execute(&html, struct{ Title, Base string }{a.About.Name, a.Settings.basePath()}); err != nil {
		return fmt.Errorf("write page %s: %w", name, err)
	}
	a.file(path, docsPolicy, "text/html; charset=utf-8", []byte(html.String()))
	return nil
}

// assets serves the pages' files below path.
func (a *API) assets(path string, from fs.FS) {
	files := newStaticFiles(from)
	a.engine.GET(path+"/*file", a.addressTurn, func(c *gin.Context) { a.send(c, files, c.Param("file"), docsPolicy, noStore[0]) })
}

// serveDocument serves the OpenAPI document in one format. It is written at the first request, since most servers get none.
func (a *API) serveDocument(path, contentType string, write func() ([]byte, error)) {
	write = sync.OnceValues(write)
	a.engine.GET(path, a.addressTurn, func(c *gin.Context) {
		document, err := write()
		if err != nil {
			a.write(c, problemOf(fmt.Errorf("write OpenAPI document: %w", err)))
			return
		}
		c.Data(http.StatusOK, contentType, document)
	})
}

// file serves a body that was made at the start.
func (a *API) file(path, policy, contentType string, body []byte) {
	a.engine.GET(path, a.addressTurn, func(c *gin.Context) {
		c.Header("Content-Security-Policy", policy)
		c.Data(http.StatusOK, contentType, body)
	})
}
