package httpx

import (
	"bytes"
	"context"
	"crypto/sha256"
	"io"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"

	"erp.internal/platform/change"
	"erp.internal/platform/errs"
)

// A client that did not receive the answer to a POST retries it with the same Idempotency-Key, and gets the first answer
// (draft-ietf-httpapi-idempotency-key-header-07). The answer is stored in the transaction of the change, so either both
// exist or neither. Answers to requests that changed nothing, such as refusals, are not stored. The header is ignored for
// callers who are not signed in.

const (
	idempotencyHeader = "Idempotency-Key"
	longestKey        = 255
	keepsKey          = "keeps"
)

// idempotencyKeyParameter describes the header. Each operation gets a schema of its own, since huma changes it.
func idempotencyKeyParameter() *huma.Param {
	return &huma.Param{
		Name: idempotencyHeader, In: "header", Schema: &huma.Schema{Type: huma.TypeString},
		Description: "A unique text for each request, such as a UUID. A retry with the same key within 24 hours gets the first answer and changes nothing more",
	}
}

var (
	errKeyUnreadable = errs.New(errs.Malformed, "idempotency_key_unreadable", "Idempotency-Key must be one text of 1 to 255 visible ASCII characters, such as a UUID, with or without quotes around it")
	errKeyReused     = errs.New(errs.Invalid, "idempotency_key_reused", "This Idempotency-Key was used for another request: use a new key for each request")
	errAlreadyDone   = errs.New(errs.Conflict, "already_done", "The first request with this Idempotency-Key already made this change; its answer is not stored, since it may contain a secret")
)

// Answers stores the answers to requests with an Idempotency-Key.
type Answers interface {
	// Find returns the stored answer to a request; false when there is none.
	//
	// Errors: errs.Unavailable.
	Find(ctx context.Context, of KeyedRequest) (KeptAnswer, bool, error)
	// Begin locks the request until the context's transaction ends, so that it is carried out once at a time.
	//
	// Errors: change.ErrUnderWay, errs.Unavailable.
	Begin(ctx context.Context, of KeyedRequest) error
	// Keep stores the answer in the context's transaction. It is the last statement in it.
	Keep(ctx context.Context, of KeyedRequest, answer KeptAnswer)
}

// KeyedRequest is a request with an Idempotency-Key. Equal keys of different callers are different requests.
type KeyedRequest struct {
	Caller      change.Actor
	Key         string
	Fingerprint [sha256.Size]byte // of method, path, query, and the body unless it may hold a secret
}

// KeptAnswer is a stored answer.
type KeptAnswer struct {
	Fingerprint    [sha256.Size]byte // of the request that was answered
	Status         int               // 0: the answer itself is not stored
	Location, ETag string            // "" for none
	Body           []byte            // JSON; empty for none
}

// once answers a retried POST with its stored answer, and prepares the answer of a new one to be stored.
func (a *API) once(ctx huma.Context, next func(huma.Context)) {
	c := humagin.Unwrap(ctx)
	sent := c.Request.Header[idempotencyHeader]
	if a.Answers == nil || c.Request.Method != http.MethodPost || len(sent) == 0 {
		next(ctx)
		return
	}
	origin := change.From(ctx.Context())
	if origin.Actor.Kind == change.Nobody {
		next(ctx)
		return
	}
	key, readable := idempotencyKey(sent)
	if !readable {
		a.refuse(ctx, origin, errKeyUnreadable)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(nil, c.Request.Body, ctx.Operation().MaxBodyBytes))
	if err != nil { // too large, too slow, or aborted: huma reads the same error and answers
		c.Request.Body = replayedBody{io.MultiReader(bytes.NewReader(body), failingReader{err}), c.Request.Body}
		next(ctx)
		return
	}
	c.Request.Body = replayedBody{bytes.NewReader(body), c.Request.Body}
	if keeps, _ := ctx.Operation().Metadata[keepsKey].(bool); !keeps {
		body = nil // it may contain a password, which could be guessed from a fast digest
	}
	o := &idempotentCall{answers: a.Answers, request: KeyedRequest{Caller: origin.Actor, Key: key, Fingerprint: fingerprint(c.Request, body)}}
	kept, found, err := a.Answers.Find(ctx.Context(), o.request)
	switch {
	case err != nil:
		a.refuse(ctx, origin, err)
	case !found:
		next(huma.WithContext(ctx, change.WithOnce(context.WithValue(ctx.Context(), idempotentCallKey{}, o), o)))
	case kept.Fingerprint != o.request.Fingerprint:
		a.refuse(ctx, origin, errKeyReused)
	case kept.Status == 0:
		a.refuse(ctx, origin, errAlreadyDone)
	default:
		replay(ctx, kept)
	}
}

// idempotencyKey reads the header: a string of structured fields (RFC 9651, section 3.3.3), or the same without quotes, as
// most clients send it.
func idempotencyKey(lines []string) (string, bool) {
	key := strings.Trim(lines[0], " \t")
	if quoted, ok := strings.CutPrefix(key, `"`); ok {
		if key, ok = strings.CutSuffix(quoted, `"`); !ok {
			return "", false
		}
	}
	if len(lines) != 1 || key == "" || len(key) > longestKey {
		return "", false
	}
	for _, b := range []byte(key) {
		if b <= ' ' || b > '~' || b == '"' || b == '\\' || b == ',' {
			return "", false
		}
	}
	return key, true
}

func fingerprint(r *http.Request, body []byte) (sum [sha256.Size]byte) {
	digest := sha256.New()
	for _, part := range []string{r.Method, r.URL.Path, r.URL.RawQuery} {
		_, _ = io.WriteString(digest, part+"\x00") // a hash returns no error
	}
	_, _ = digest.Write(body)
	digest.Sum(sum[:0])
	return sum
}

// replay sends a stored answer.
func replay(ctx huma.Context, kept KeptAnswer) {
	if kept.Location != "" {
		ctx.SetHeader("Location", kept.Location)
	}
	if kept.ETag != "" {
		ctx.SetHeader("ETag", kept.ETag)
	}
	if len(kept.Body) > 0 {
		ctx.SetHeader("Content-Type", jsonType)
	}
	ctx.SetStatus(kept.Status)
	_, _ = ctx.BodyWriter().Write(kept.Body) // fails only when the client has disconnected
}

// replayedBody is a request's body that was read and can be read again.
type replayedBody struct {
	io.Reader
	io.Closer
}

type failingReader struct{ err error }

// Read implements io.Reader.
func (f failingReader) Read([]byte) (int, error) { return 0, f.err }

type idempotentCallKey struct{}

// idempotentCall implements change.Once for one request.
type idempotentCall struct {
	answers Answers
	request KeyedRequest
	// answer converts the result of a use case to its answer; false if it is not to be stored. It may be nil.
	answer func(result any) (KeptAnswer, bool, error)
}

// Begin implements change.Once.
func (o *idempotentCall) Begin(ctx context.Context) error { return o.answers.Begin(ctx, o.request) }

// End implements change.Once.
func (o *idempotentCall) End(ctx context.Context, result any) error {
	kept := KeptAnswer{}
	if o.answer != nil {
		made, keep, err := o.answer(result)
		if err != nil {
			return err
		}
		if keep {
			kept = made
		}
	}
	kept.Fingerprint = o.request.Fingerprint
	o.answers.Keep(ctx, o.request, kept)
	return nil
}

// Keepable is an output that can be stored as an answer: Created, Found, Empty, and similar ones of modules.
type Keepable interface {
	// Kept returns the headers and the body, "" and nil for those that the output does not have.
	Kept() (location, etag string, body any)
}

// Kept implements Keepable.
func (o *Created[T]) Kept() (location, etag string, body any) { return o.Location, o.ETag, o.Body }

// Kept implements Keepable.
func (o *Found[T]) Kept() (location, etag string, body any) { return "", o.ETag, o.Body }

// Kept implements Keepable.
func (*Empty) Kept() (location, etag string, body any) { return "", "", nil }

// RegisterChange is Register for an operation whose answer is made from the result of its use case, so that it can be
// stored with the change for a client that retries the request. Use Register for operations with secrets in the request or
// the answer: their answers are not stored.
func RegisterChange[I, T, O any](api *API, op Operation, use func(context.Context, *I) (T, error), answer func(T) *O) {
	status := op.Status
	if status == 0 {
		status = http.StatusOK
	}
	keep := func(result any) (KeptAnswer, bool, error) {
		given, is := result.(T)
		if !is {
			return KeptAnswer{}, false, nil
		}
		out, can := any(answer(given)).(Keepable)
		if !can {
			return KeptAnswer{}, false, nil
		}
		location, etag, body := out.Kept()
		kept := KeptAnswer{Status: status, Location: location, ETag: etag}
		if body == nil {
			return kept, true, nil
		}
		var text bytes.Buffer
		err := jsonFormat.Marshal(&text, body)
		kept.Body = text.Bytes()
		return kept, true, err
	}
	op.keeps = true
	Register(api, op, func(ctx context.Context, in *I) (*O, error) {
		if o, once := ctx.Value(idempotentCallKey{}).(*idempotentCall); once {
			o.answer = keep
		}
		given, err := use(ctx, in)
		if err != nil {
			return nil, err
		}
		return answer(given), nil
	})
}
