package httpx

import (
	"bytes"
	"net/http"
	"strconv"
	"sync"

	"github.com/cespare/xxhash/v2"
	"github.com/gin-gonic/gin"

	"erp.internal/platform/etag"
)

// conditional gives every answer to a GET its ETag and answers 304 when the client has it already. Where the operation
// set none (lists, trees), it is made from the body, as a weak one.
func conditional(c *gin.Context) {
	if c.Request.Method != http.MethodGet {
		return
	}
	w := buffers.Get().(*buffered) //nolint:forcetypeassert // the pool makes nothing else
	w.ResponseWriter, c.Writer, w.noneMatch = c.Writer, w, c.Request.Header.Get("If-None-Match")
	defer func() {
		c.Writer = w.ResponseWriter
		w.ResponseWriter = nil
		if w.body.Cap() <= maxBody {
			w.body.Reset()
			buffers.Put(w)
		}
	}()
	c.Next()
	w.send()
}

var buffers = sync.Pool{New: func() any { return new(buffered) }}

// buffered holds a body back until it is known whether it is sent. One that has its tag already, and that the client asks
// for whatever it is, is sent as it comes; so is a Stream, which has none.
type buffered struct {
	gin.ResponseWriter
	body      bytes.Buffer
	noneMatch string
}

func (w *buffered) Write(b []byte) (int, error) {
	if w.body.Len() == 0 && (w.noneMatch == "" && w.Header()["Etag"] != nil || w.Header().Get("Content-Disposition") != "") {
		return w.ResponseWriter.Write(b)
	}
	return w.body.Write(b)
}

func (w *buffered) WriteString(s string) (int, error) { return w.Write([]byte(s)) }
func (w *buffered) Written() bool                     { return w.ResponseWriter.Written() || w.body.Len() > 0 }

// tag is made of all that tells one answer from another: the body, and what lists say in headers.
func (w *buffered) tag() string {
	var digest xxhash.Digest
	digest.Reset()
	_, _ = digest.Write(w.body.Bytes()) // a hash takes everything
	_, _ = digest.WriteString(w.Header().Get("Link"))
	_, _ = digest.WriteString(w.Header().Get("X-Total-Count"))
	return `W/"` + strconv.FormatUint(digest.Sum64(), 36) + `"`
}

func (w *buffered) send() {
	if w.ResponseWriter.Written() {
		return
	}
	header := w.Header()
	if w.Status() == http.StatusOK {
		tag := header.Get("ETag")
		if tag == "" {
			tag = w.tag()
			header["Etag"] = []string{tag}
		}
		if w.noneMatch != "" && etag.NoneMatch(w.noneMatch, tag) {
			header.Del("Content-Type")
			w.WriteHeader(http.StatusNotModified)
			w.WriteHeaderNow()
			return
		}
	}
	header["Content-Length"] = []string{strconv.Itoa(w.body.Len())} // or net/http sends what is long in chunks, at three times the system calls
	_, _ = w.ResponseWriter.Write(w.body.Bytes())                   // the client went away: there is nobody to tell
}
