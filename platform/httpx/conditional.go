package httpx

import (
	"net/http"
	"strconv"
	"sync"

	"github.com/cespare/xxhash/v2"
	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"

	"erp.internal/platform/etag"
)

// conditional adds an ETag to every answer to a GET and answers 304 when the client already has that version. If the
// operation set no ETag (lists), it is a weak one made from the body. The values that the body was made from are free before
// the body is sent, which may take long.
func (a *API) conditional(ctx huma.Context, next func(huma.Context)) {
	c := humagin.Unwrap(ctx)
	if c.Request.Method != http.MethodGet {
		next(ctx)
		return
	}
	w := bufferedWriters.Get().(*bufferedWriter) //nolint:forcetypeassert // the pool makes nothing else
	w.ResponseWriter, c.Writer, w.request, w.bodies, w.encodings = c.Writer, w, c.Request, &a.bodies, &a.encodings
	defer func() {
		c.Writer = w.ResponseWriter
		w.ResponseWriter, w.request, w.encoded = nil, nil, nil
		w.body.drop()
		bufferedWriters.Put(w)
	}()
	next(ctx)
	w.send()
}

var bufferedWriters = sync.Pool{New: func() any { return new(bufferedWriter) }}

// bufferedWriter buffers a body until it is decided whether it is sent. It does not buffer a body that has an ETag and
// whose request has no If-None-Match, nor a Stream, which has no ETag.
type bufferedWriter struct {
	gin.ResponseWriter
	request   *http.Request
	body      body
	bodies    *bodies
	encoded   *JSON // instead of body
	encodings *encodings
}

func (w *bufferedWriter) noneMatch() string { return w.request.Header.Get("If-None-Match") }

func (w *bufferedWriter) Write(b []byte) (int, error) {
	if len(w.body) == 0 && (w.noneMatch() == "" && w.Header()["Etag"] != nil || w.Header().Get("Content-Disposition") != "") {
		return w.ResponseWriter.Write(b)
	}
	w.body.add(b)
	return len(b), nil
}

func (w *bufferedWriter) WriteString(s string) (int, error) { return w.Write([]byte(s)) }
func (w *bufferedWriter) Written() bool {
	return w.ResponseWriter.Written() || len(w.body) > 0 || w.encoded != nil
}

func (w *bufferedWriter) send() {
	if w.ResponseWriter.Written() {
		return
	}
	if w.encoded != nil {
		_ = w.sendEncoded() // as below
		return
	}
	header, digest := w.Header(), uint64(0)
	if w.Status() == http.StatusOK {
		tag := header.Get("ETag")
		if tag == "" {
			tag, digest = w.tag()
			header["Etag"] = []string{tag}
		}
		if etag.NoneMatch(w.noneMatch(), tag) {
			w.notModified()
			return
		}
	}
	header["Content-Length"] = []string{strconv.Itoa(w.body.size())} // or net/http would chunk long bodies, with three times the system calls
	if len(w.body) == 0 {
		w.WriteHeaderNow()
		return
	}
	_ = w.bodies.send(w.ResponseWriter, &w.body, digest) // fails only when the client has disconnected or was cut off
}

// tag returns the ETag of the body and of the headers of lists, and the digest of the body alone.
func (w *bufferedWriter) tag() (string, uint64) {
	var digest xxhash.Digest
	digest.Reset()
	w.body.hash(&digest)
	body := digest.Sum64()
	_, _ = digest.WriteString(w.Header().Get("Link")) // a hash returns no error
	_, _ = digest.WriteString(w.Header().Get("X-Total-Count"))
	_, _ = digest.WriteString(w.Header().Get("X-Total-Count-Exact"))
	return `W/"` + strconv.FormatUint(digest.Sum64(), 36) + `"`, body
}
