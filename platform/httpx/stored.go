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

// stored are files that are handed out as they are stored: compressed, or decompressed for clients that do not take that.
type stored struct {
	dir    fs.FS
	server *statigz.Server
}

// storedIn gives the files of a directory; one that is not there, or nil, holds none.
func storedIn(dir fs.FS) stored {
	knowTypes()
	if dir == nil {
		dir = embed.FS{}
	}
	if _, err := fs.Stat(dir, "."); err != nil {
		dir = embed.FS{}
	}
	return stored{dir: dir, server: statigz.FileServer(listed{dir})}
}

// has tells whether there is such a file; the server would redirect from a directory to its path with a slash, which is
// answered as the one without.
func (s stored) has(request *http.Request) bool {
	info, err := fs.Stat(s.dir, strings.TrimPrefix(request.URL.Path, "/"))
	return (err != nil || !info.IsDir()) && s.server.Found(request)
}

// listed is a file system as the server asks for it.
type listed struct{ fs.FS }

// ReadDir implements fs.ReadDirFS.
func (l listed) ReadDir(name string) ([]fs.DirEntry, error) { return fs.ReadDir(l.FS, name) }

// send answers with a file, which may be cached as caching says, or with 404 where there is none.
func (a *API) send(c *gin.Context, from stored, name, policy, caching string) {
	request := c.Request.Clone(c.Request.Context())
	request.URL.Path = name
	if !from.has(request) {
		a.write(c, problemOf(errNoRoute))
		return
	}
	c.Header("Content-Security-Policy", policy)
	c.Header("Cache-Control", caching)
	request.Header.Del("If-None-Match") // quoted answers it
	from.server.ServeHTTP(&quoted{ResponseWriter: c.Writer, noneMatch: c.Request.Header.Get("If-None-Match")}, request)
}

// quoted puts the quotes around a file's tag that the server of files leaves out (RFC 9110, section 8.8.3), and answers
// 304 to a client that has the file.
type quoted struct {
	gin.ResponseWriter
	noneMatch   string
	begun, same bool
}

// WriteHeader implements http.ResponseWriter.
func (q *quoted) WriteHeader(status int) {
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
func (q *quoted) Write(b []byte) (int, error) {
	if !q.begun {
		q.WriteHeader(http.StatusOK)
	}
	if q.same {
		return len(b), nil
	}
	return q.ResponseWriter.Write(b)
}

// knowTypes says what files of these names are, whatever the machine thinks of them or does not know: browsers are told
// to believe it (nosniff). mime has a table for the process.
var knowTypes = sync.OnceFunc(func() {
	for extension, is := range map[string]string{
		".css": "text/css; charset=utf-8", ".svg": "image/svg+xml", ".png": "image/png", ".webp": "image/webp", ".ico": "image/x-icon",
		".woff": "font/woff", ".woff2": "font/woff2",
	} {
		_ = mime.AddExtensionType(extension, is) // refuses only what is no type
	}
})
