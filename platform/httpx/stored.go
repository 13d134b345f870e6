package httpx

import (
	"embed"
	"io/fs"
	"mime"
	"net/http"
	"strings"
	"sync"

	"github.com/gin-gonic/gin"
	"github.com/vearutop/statigz"

	"erp.internal/platform/etag"
)

// staticFiles serves the files of a directory. Compressed files are sent as stored, or decompressed for clients that do not
// accept the coding.
type staticFiles struct {
	dir    fs.FS
	server *statigz.Server
}

// newStaticFiles serves dir; nil or a missing directory has no files.
func newStaticFiles(dir fs.FS) staticFiles {
	registerMediaTypes()
	if dir == nil {
		dir = embed.FS{}
	}
	if _, err := fs.Stat(dir, "."); err != nil {
		dir = embed.FS{}
	}
	return staticFiles{dir: dir, server: statigz.FileServer(readDirFS{dir})}
}

// has reports whether the requested file exists. It is false for directories, which the file server would redirect to the
// path with a slash, and canonicalPath back.
func (s staticFiles) has(request *http.Request) bool {
	info, err := fs.Stat(s.dir, strings.TrimPrefix(request.URL.Path, "/"))
	return (err != nil || !info.IsDir()) && s.server.Found(request)
}

// readDirFS makes any fs.FS an fs.ReadDirFS, which the file server needs.
type readDirFS struct{ fs.FS }

// ReadDir implements fs.ReadDirFS.
func (r readDirFS) ReadDir(name string) ([]fs.DirEntry, error) { return fs.ReadDir(r.FS, name) }

// send answers with a file, with caching as its Cache-Control, or with 404 if it does not exist.
func (a *API) send(c *gin.Context, from staticFiles, name, policy, caching string) {
	request := c.Request.Clone(c.Request.Context())
	request.URL.Path = name
	if !from.has(request) {
		a.write(c, problemOf(errNoRoute))
		return
	}
	c.Header("Content-Security-Policy", policy)
	c.Header("Cache-Control", caching)
	request.Header.Del("If-None-Match") // quotedETag handles it
	from.server.ServeHTTP(&quotedETag{ResponseWriter: c.Writer, noneMatch: c.Request.Header.Get("If-None-Match")}, request)
}

// quotedETag adds the quotes around a file's ETag that the file server omits (RFC 9110, section 8.8.3), and answers 304 to
// a client that has the file.
type quotedETag struct {
	gin.ResponseWriter
	noneMatch   string
	begun, same bool
}

// WriteHeader implements http.ResponseWriter.
func (q *quotedETag) WriteHeader(status int) {
	header := q.Header()
	if tag := header.Get("ETag"); tag != "" && !q.begun {
		tag = `"` + tag + `"`
		header.Set("ETag", tag)
		if q.same = status == http.StatusOK && etag.NoneMatch(q.noneMatch, tag); q.same {
			status = http.StatusNotModified
			header.Del("Content-Type")
			header.Del("Content-Length")
			header.Del("Content-Encoding")
		}
	}
	q.begun = true
	q.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (q *quotedETag) Write(b []byte) (int, error) {
	if !q.begun {
		q.WriteHeader(http.StatusOK)
	}
	if q.same {
		return len(b), nil
	}
	return q.ResponseWriter.Write(b)
}

// registerMediaTypes sets the media types of these file names, whatever the machine's own table says: browsers rely on them
// because of nosniff. mime has one table for the process.
var registerMediaTypes = sync.OnceFunc(func() {
	for extension, is := range map[string]string{
		".css": "text/css; charset=utf-8", ".svg": "image/svg+xml", ".png": "image/png", ".webp": "image/webp", ".ico": "image/x-icon",
		".woff": "font/woff", ".woff2": "font/woff2",
	} {
		_ = mime.AddExtensionType(extension, is) // fails only for an invalid media type
	}
})
