package httpx

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"math/rand/v2"
	"net/http"
	"runtime/debug"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"erp.internal/platform/change"
)

const requestIDHeader = "X-Request-Id"

// apiPolicy is the Content-Security-Policy of answers other than pages.
const apiPolicy = "default-src 'none'; frame-ancestors 'none'"

// Shared by all answers. Appending cannot change them, since their capacity is their length.
var (
	nosniff    = []string{"nosniff"}
	noReferrer = []string{"no-referrer"}
	noStore    = []string{"no-store"}
	policy     = []string{apiPolicy}
	hsts       = []string{"max-age=31536000"}
)

// headers sets the headers of every answer: the request's id and the security headers (ASVS 3.4, 14.3.2).
func (a *API) headers(c *gin.Context) {
	h := c.Writer.Header()
	h["X-Content-Type-Options"] = nosniff
	h["Referrer-Policy"] = noReferrer
	h["Cache-Control"] = noStore
	h["Content-Security-Policy"] = policy
	if a.Settings.Secure() {
		h["Strict-Transport-Security"] = hsts
	}
	id := c.Request.Header.Get(requestIDHeader)
	if !isValidRequestID(id) {
		id = newRequestID()
	}
	h[requestIDHeader] = []string{id}
	a.warnOfProxy(c)
}

// newRequestID returns 128 random bits. They only need to be unique, not unpredictable.
func newRequestID() string {
	var b [16]byte
	binary.NativeEndian.PutUint64(b[:8], rand.Uint64()) //nolint:gosec // see above
	binary.NativeEndian.PutUint64(b[8:], rand.Uint64()) //nolint:gosec // see above
	return hex.EncodeToString(b[:])
}

func requestID(c *gin.Context) string { return c.Writer.Header().Get(requestIDHeader) }

// isValidRequestID reports whether a client's request id is safe to log and to send back.
func isValidRequestID(id string) bool {
	if id == "" || len(id) > 128 {
		return false
	}
	for _, b := range []byte(id) {
		if b <= ' ' || b > '~' || b == '"' || b == '\\' {
			return false
		}
	}
	return true
}

// route identifies an operation.
type route struct{ method, pattern string }

// answer is the writer of an answer, with the origin that the gate found for the access log; the origin is zero if the
// request was refused before the gate.
type answer struct {
	gin.ResponseWriter
	origin change.Origin
}

var answers = sync.Pool{New: func() any { return new(answer) }}

// accessLog writes a line for each answer: the operation, the user's id, the address, the status. The query is left out,
// since people search for names; so are names and emails, which those who may can look up by the id.
func (a *API) accessLog(c *gin.Context) {
	begun := time.Now()
	w := answers.Get().(*answer) //nolint:forcetypeassert // the pool makes nothing else
	w.ResponseWriter, c.Writer = c.Writer, w
	c.Next()
	took := time.Since(begun)
	from := w.origin
	c.Writer = w.ResponseWriter
	*w = answer{}
	answers.Put(w)
	if a.Observe != nil {
		a.Observe(c.Request.Method, c.FullPath(), c.Writer.Status(), took)
	}
	level := zapcore.InfoLevel
	if c.Writer.Status() >= http.StatusInternalServerError {
		level = zapcore.ErrorLevel
	}
	if entry := a.access.Check(level, "request"); entry != nil {
		if from.Address == "" {
			from.Address = a.client(c)
		}
		fields := [...]zap.Field{
			zap.String("method", c.Request.Method), zap.String("path", c.Request.URL.Path), zap.Int("status", c.Writer.Status()),
			zap.Duration("took", took), zap.Int("bytes", max(0, c.Writer.Size())),
			zap.String("address", from.Address), zap.String("request_id", requestID(c)),
			zap.Skip(), zap.Skip(), zap.Skip(),
		}
		const known = len(fields) - 3
		if from.Operation == "" {
			from.Operation = a.operations[route{c.Request.Method, c.FullPath()}]
		}
		if from.Operation != "" {
			fields[known] = zap.String("operation", from.Operation)
		}
		if from.Actor.Kind == change.User {
			fields[known+1], fields[known+2] = zap.Int64("user_id", from.Actor.ID), zap.Int64("session_id", from.SessionID)
		}
		entry.Write(fields[:]...)
	}
}

// recover answers a panic as an internal error and logs where it happened.
func (a *API) recover(c *gin.Context) {
	defer func() {
		panicked := recover()
		if panicked == nil {
			return
		}
		if err, ok := panicked.(error); ok && errors.Is(err, http.ErrAbortHandler) {
			panic(panicked) //nolint:forbidigo // net/http's own way to end a connection
		}
		a.Log.Error("panic", zap.Any("panic", panicked), zap.ByteString("stack", debug.Stack()), zap.String("request_id", requestID(c)))
		if c.Writer.Written() {
			panic(http.ErrAbortHandler) //nolint:forbidigo // a partial answer must not look complete
		}
		a.write(c, newProblem(http.StatusInternalServerError, "internal", "Internal error"))
	}()
	c.Next()
}
