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

// conditional gives every answer to a GET its ETag and answers 304 when the client has it already. Where the operation
// set none (lists, trees), it is made from the body, as a weak one. What the operation made the body of is let go before
// the client takes it.
func (a *API) conditional(ctx huma.Context, next func(huma.Context)) {
	c := humagin.Unwrap(ctx)
	if c.Request.Method != http.MethodGet {
		next(ctx)
		return
	}
	w := held.Get().(*heldBack) //nolint:forcetypeassert // the pool makes nothing else
	w.ResponseWriter, c.Writer, w.noneMatch, w.bodies = c.Writer, w, c.Request.Header.Get("If-None-Match"), &a.bodies
	defer func() {
		c.Writer = w.ResponseWriter
		w.ResponseWriter = nil
		w.body.drop()
		held.Put(w)
	}()
	next(ctx)
	w.send()
}

var held = sync.Pool{New: func() any { return new(heldBack) }}

// heldBack holds a body back until it is known whether it is sent. One that has its tag already, and that the client asks
// for whatever it is, is sent as it comes; so is a Stream, which has none.
type heldBack struct {
	gin.ResponseWriter
	body      body
	bodies    *bodies
	noneMatch string
}

func (w *heldBack) Write(b []byte) (int, error) {
	if len(w.body) == 0 && (w.noneMatch == "" && w.Header()["Etag"] != nil || w.Header().Get("Content-Disposition") != "") {
		return w.ResponseWriter.Write(b)
	}
	w.body.add(b)
	return len(b), nil
}

func (w *heldBack) WriteString(s string) (int, error) { return w.Write([]byte(s)) }
func (w *heldBack) Written() bool                     { return w.ResponseWriter.Written() || len(w.body) > 0 }

func (w *heldBack) send() {
	if w.ResponseWriter.Written() {
		return
	}
	header, digest := w.Header(), uint64(0)
	if w.Status() == http.StatusOK {
		tag := header.Get("ETag")
		if tag == "" {
			tag, digest = w.tag()
			header["Etag"] = []string{tag}
		}
		if w.noneMatch != "" && etag.NoneMatch(w.noneMatch, tag) {
			header.Del("Content-Type")
			w.WriteHeader(http.StatusNotModified)
			w.WriteHeaderNow()
			return
		}
	}
	header["Content-Length"] = []string{strconv.Itoa(w.body.size())} // or net/http sends what is long in chunks, at three times the system calls
	if len(w.body) == 0 {
		w.WriteHeaderNow()
		return
	}
	_ = w.bodies.send(w.ResponseWriter, &w.body, digest) // the client went away, or was cut off: there is nobody to tell
}

// tag is made of all that tells one answer from another: the body, and what lists say in headers. With it comes the
// digest of the body alone.
func (w *heldBack) tag() (string, uint64) {
	var digest xxhash.Digest
	digest.Reset()
	w.body.hash(&digest)
	body := digest.Sum64()
	_, _ = digest.WriteString(w.Header().Get("Link")) // a hash takes everything
	_, _ = digest.WriteString(w.Header().Get("X-Total-Count"))
	return `W/"` + strconv.FormatUint(digest.Sum64(), 36) + `"`, body
}
