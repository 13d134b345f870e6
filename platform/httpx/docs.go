package httpx

import (
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/swaggest/swgui/v5/static"
	"github.com/vearutop/statigz"
)

//go:embed pages/*.html
var pages embed.FS

//go:embed pages/swagger.js
var swaggerStart []byte

// docsPolicy lets the two pages run their own scripts and nothing from elsewhere. Both set styles from scripts; ReDoc
// searches in a worker that it makes from a blob.
const docsPolicy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
	"font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// redocBundle is ReDoc's file among those that `make web` builds, which stores it compressed; it comes from npm and is
// not committed.
const redocBundle = "redoc.standalone.js.gz"

// Docs serves the OpenAPI document and the pages that show it, Swagger UI at /docs and ReDoc at /redoc, all without the
// internet. built holds what `make web` built.
//
// Errors: a document that cannot be written.
func (a *API) Docs(built fs.ReadDirFS) error {
	asJSON, err := a.OpenAPI()
	if err != nil {
		return fmt.Errorf("write OpenAPI document: %w", err)
	}
	asYAML, err := a.OpenAPIYAML()
	if err != nil {
		return fmt.Errorf("write OpenAPI document: %w", err)
	}
	a.Files("/openapi.json", apiPolicy, content("application/json", asJSON))
	a.Files("/openapi.yaml", apiPolicy, content("application/yaml", asYAML))
	if err := a.page("/docs", "swagger.html"); err != nil {
		return err
	}
	a.assets("/docs/ui", docsPolicy, static.FS)
	a.Files("/docs/start.js", docsPolicy, content("text/javascript; charset=utf-8", swaggerStart))

	redoc := "redoc.html"
	if _, err := fs.Stat(built, redocBundle); err != nil {
		redoc = "redoc-unbuilt.html"
	}
	if err := a.page("/redoc", redoc); err != nil {
		return err
	}
	a.assets("/redoc/ui", docsPolicy, built)
	return nil
}

// page serves an HTML template that is told where the API begins.
func (a *API) page(path, name string) error {
	page, err := template.ParseFS(pages, "pages/"+name)
	if err != nil {
		return fmt.Errorf("read page %s: %w", name, err)
	}
	var html strings.Builder
	if err := page.Execute(&html, struct{ Title, Base string }{a.About.Name, a.Settings.basePath()}); err != nil {
		return fmt.Errorf("write page %s: %w", name, err)
	}
	a.Files(path, docsPolicy, content("text/html; charset=utf-8", []byte(html.String())))
	return nil
}

// assets serves the files below path, compressed as they are stored.
func (a *API) assets(path, policy string, from fs.ReadDirFS) {
	files := statigz.FileServer(from)
	a.engine.GET(path+"/*file", func(c *gin.Context) {
		request := c.Request.Clone(c.Request.Context())
		request.URL.Path = c.Param("file")
		if !files.Found(request) {
			a.write(c, problemOf(errNoRoute))
			return
		}
		c.Header("Content-Security-Policy", policy)
		files.ServeHTTP(c.Writer, request)
	})
}

func content(contentType string, body []byte) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		_, _ = w.Write(body) // the client went away: there is nobody to tell
	})
}
