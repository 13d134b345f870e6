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

// A client that did not get the answer of a POST sends it again with the same Idempotency-Key, and gets the first answer
// (draft-ietf-httpapi-idempotency-key-header-07). What is kept is kept in the transaction of the change, so that it is
// there when the change is. Answers of requests that changed nothing, such as refusals, are not kept. Keys of callers who
// have not signed in are nobody's, and do nothing.

const (
	idempotencyHeader = "Idempotency-Key"
	longestKey        = 255
	keepsKey          = "keeps"
)

// keyParameter describes the header. huma completes the schema that it is given, so that each operation has its own.
func keyParameter() *huma.Param {
	return &huma.Param{
		Name: idempotencyHeader, In: "header", Schema: &huma.Schema{Type: huma.TypeString},
		Description: "A text that is new for each request, such as a UUID: the same request, sent again with it within 24 hours, is answered as the first was, and changes nothing more",
	}
}

var (
	errKeyUnreadable = errs.New(errs.Malformed, "idempotency_key_unreadable", "Idempotency-Key must be one text of 1 to 255 visible ASCII characters, such as a UUID, with or without quotes around it")
	errKeyReused     = errs.New(errs.Invalid, "idempotency_key_reused", "This Idempotency-Key was sent before with another request: use a new one for each request")
	errAlreadyDone   = errs.New(errs.Conflict, "already_done", "This was done when it was first sent with this Idempotency-Key; its answer is not kept, since it may hold a secret")
)

// Answers keep what requests with an Idempotency-Key were answered.
type Answers interface {
	// Find gives the answer to a request that was sent before; false when there was none.
	//
	// Errors: errs.Unavailable.
	Find(ctx context.Context, of KeyedRequest) (KeptAnswer, bool, error)
	// Begin keeps others from carrying the request out, until the context's transaction ends.
	//
	// Errors: change.ErrUnderWay, errs.Unavailable.
	Begin(ctx context.Context, of KeyedRequest) error
	// Keep keeps the answer, in the context's transaction. It is the last thing that happens in it.
	Keep(ctx context.Context, of KeyedRequest, answer KeptAnswer)
}

// KeyedRequest is a request with an Idempotency-Key: keys of different callers are different ones.
type KeyedRequest struct {
	Caller      change.Actor
	Key         string
	Fingerprint [sha256.Size]byte // of method, path, query, and the body unless it may hold a secret
}

// KeptAnswer is what is kept of an answer.
type KeptAnswer struct {
	Fingerprint    [sha256.Size]byte // of the request that was answered
	Status         int               // 0: what it was is not kept
	Location, ETag string            // "" for none
	Body           []byte            // JSON; empty for none
}

// once answers a POST that was sent before as it was answered then, and prepares a new one to be kept.
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
	if err != nil { // too much, too slow, or broken off: whoever reads the body says so
		c.Request.Body = rest{io.MultiReader(bytes.NewReader(body), failing{err}), c.Request.Body}
		next(ctx)
		return
	}
	c.Request.Body = rest{bytes.NewReader(body), c.Request.Body}
	if keeps, _ := ctx.Operation().Metadata[keepsKey].(bool); !keeps {
		body = nil // it may hold a password, which could be guessed from a digest that is computed fast
	}
	o := &onceOnly{answers: a.Answers, request: KeyedRequest{Caller: origin.Actor, Key: key, Fingerprint: fingerprint(c.Request, body)}}
	kept, found, err := a.Answers.Find(ctx.Context(), o.request)
	switch {
	case err != nil:
		a.refuse(ctx, origin, err)
	case !found:
		next(huma.WithContext(ctx, change.WithOnce(context.WithValue(ctx.Context(), onceOnlyKey{}, o), o)))
	case kept.Fingerprint != o.request.Fingerprint:
		a.refuse(ctx, origin, errKeyReused)
	case kept.Status == 0:
		a.refuse(ctx, origin, errAlreadyDone)
	default:
		again(ctx, kept)
	}
}

// idempotencyKey reads the header: a string of structured fields (RFC 9651, section 3.3.3), or what most clients send, the
// same without quotes.
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
		_, _ = io.WriteString(digest, part+"\x00") // a hash takes everything
	}
	_, _ = digest.Write(body)
	digest.Sum(sum[:0])
	return sum
}

// again answers as the first request was answered.
func again(ctx huma.Context, kept KeptAnswer) {
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
	_, _ = ctx.BodyWriter().Write(kept.Body) // the client went away: there is nobody to tell
}

// rest is a body that was read.
type rest struct {
	io.Reader
	io.Closer
}

type failing struct{ err error }

// Read implements io.Reader.
func (f failing) Read([]byte) (int, error) { return 0, f.err }

type onceOnlyKey struct{}

// onceOnly implements change.Once for one request.
type onceOnly struct {
	answers Answers
	request KeyedRequest
	// answer makes the answer of what a use case gives; false where it is not to be kept. Nil keeps none.
	answer func(result any) (KeptAnswer, bool, error)
}

// Begin implements change.Once.
func (o *onceOnly) Begin(ctx context.Context) error { return o.answers.Begin(ctx, o.request) }

// End implements change.Once.
func (o *onceOnly) End(ctx context.Context, result any) error {
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

// Keepable is an output that can be kept: Created, Found, Empty, and those of modules that are alike.
type Keepable interface {
	// Kept gives the headers and the body, "" and nil for those that it has not.
	Kept() (location, etag string, body any)
}

// Kept implements Keepable.
func (o *Created[T]) Kept() (location, etag string, body any) { return o.Location, o.ETag, o.Body }

// Kept implements Keepable.
func (o *Found[T]) Kept() (location, etag string, body any) { return "", o.ETag, o.Body }

// Kept implements Keepable.
func (*Empty) Kept() (location, etag string, body any) { return "", "", nil }

// RegisterChange is Register for an operation whose answer is made of what its use case gives, so that it can be kept with
// the change for a client that sends the request again. An operation of Register has its answers not kept: it is for those
// that hold secrets, also in what is sent.
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
		if o, once := ctx.Value(onceOnlyKey{}).(*onceOnly); once {
			o.answer = keep
		}
		given, err := use(ctx, in)
		if err != nil {
			return nil, err
		}
		return answer(given), nil
	})
}
