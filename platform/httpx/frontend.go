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

// Frontend is a program for browsers: a page, and the files that it loads.
type Frontend struct {
	// Path is where it begins, such as "/frontend".
	Path string
	// Page is its HTML. It is answered at every path below Path too: what those mean is for its own scripts to say.
	Page []byte
	// Policy is its Content-Security-Policy.
	Policy string
	// Assets are served at Path + "/assets". Each is named for its content, so that browsers keep it for good, and may be
	// stored compressed. nil: there are none.
	Assets fs.FS
}

const (
	assetsPath = "/assets"
	forGood    = "public, max-age=31536000, immutable"
)

// Frontend serves a frontend. An asset that is not there is answered as such, never by the page: a browser that comes
// with the page of another build would take HTML for a script.
func (a *API) Frontend(f Frontend) {
	assets := storedIn(f.Assets)
	page := f.page()
	a.engine.GET(f.Path, page)
	a.engine.GET(f.Path+"/*page", func(c *gin.Context) {
		asset, below := strings.CutPrefix(c.Param("page"), assetsPath)
		if below && (asset == "" || asset[0] == '/') {
			a.send(c, assets, asset, f.Policy, forGood)
			return
		}
		page(c)
	})
}

// page answers with the page, or with 304 to whoever has it: a browser asks each time, so that it never comes with
// assets of a build before.
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
