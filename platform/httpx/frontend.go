package httpx

import (
	"bytes"
	"io/fs"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/cespare/xxhash/v2"
	"github.com/gin-gonic/gin"

	"erp.internal/platform/etag"
)

// Frontend is a single-page application: an HTML page and its assets.
type Frontend struct {
	// Path is the path of the page, such as "/frontend".
	Path string
	// Page is its HTML. It is served at every path below Path, which the page's router interprets.
	Page []byte
	// Policy is its Content-Security-Policy.
	Policy string
	// Assets are served at Path + "/assets". Their names contain a hash of the content, so that browsers cache them forever;
	// they may be stored compressed. nil for none.
	Assets fs.FS
}

const (
	assetsPath = "/assets"
	immutable  = "public, max-age=31536000, immutable"
)

// Frontend serves a frontend. A missing asset is answered with 404, never with the page: a browser with the page of another
// build would read HTML as a script.
func (a *API) Frontend(f Frontend) {
	assets := newStaticFiles(f.Assets)
	page := f.page()
	a.engine.GET(f.Path, a.addressTurn, page)
	a.engine.GET(f.Path+"/*page", a.addressTurn, func(c *gin.Context) {
		asset, below := strings.CutPrefix(c.Param("page"), assetsPath)
		if below && (asset == "" || asset[0] == '/') {
			a.send(c, assets, asset, f.Policy, immutable)
			return
		}
		page(c)
	})
}

// page serves the page, or 304 to a browser that has it. Browsers revalidate it each time, so that it never loads the
// assets of an earlier build.
func (f Frontend) page() gin.HandlerFunc {
	tag := `"` + strconv.FormatUint(xxhash.Sum64(f.Page), 36) + `"`
	return func(c *gin.Context) {
		c.Header("Content-Type", "text/html; charset=utf-8")
		c.Header("Content-Security-Policy", f.Policy)
		c.Header("Cross-Origin-Opener-Policy", "same-origin")
		c.Header("Cache-Control", "no-cache")
		c.Header("ETag", tag)
		if etag.NoneMatch(c.Request.Header.Get("If-None-Match"), tag) {
			c.Status(http.StatusNotModified)
			return
		}
		http.ServeContent(c.Writer, c.Request, "", time.Time{}, bytes.NewReader(f.Page))
	}
}
