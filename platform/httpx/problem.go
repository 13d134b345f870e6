package httpx

import (
	"errors"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"erp.internal/platform/errs"
)

// Problem is the body of every error answer (RFC 9457).
type Problem struct {
	Type      string         `json:"type" doc:"Always about:blank; code identifies the problem"`
	Title     string         `json:"title" doc:"The status in words" example:"Not Found"`
	Status    int            `json:"status" doc:"The HTTP status" example:"404"`
	Detail    string         `json:"detail" doc:"What happened, for people" example:"Organization not found"`
	Code      string         `json:"code" doc:"What happened, for programs; stable" example:"organization.not_found"`
	Params    Params         `json:"params,omitempty" doc:"The values in detail, for clients that show the message in another language; their names depend on code"`
	RequestID string         `json:"request_id" doc:"Identifies the request in the server's log; quote it when you ask for help"`
	Errors    []ProblemField `json:"errors,omitempty" nullable:"false" doc:"Every violated rule of the input"`

	retryAfter time.Duration
	headers    http.Header // further headers of the answer
	cause      error
}

// ProblemField is one violated rule of an input.
type ProblemField struct {
	Location string `json:"location" doc:"The place in the request" example:"body.name"`
	Message  string `json:"message" doc:"The rule, for people" example:"must not be blank"`
	Code     string `json:"code" doc:"The rule, for programs; stable" example:"blank"`
	Params   Params `json:"params,omitempty" doc:"The values in message, such as min and max"`
}

// Params are the values in a message, by name.
type Params errs.Params

// MarshalJSONTo implements json.MarshalerTo, with the names in a fixed order.
func (p Params) MarshalJSONTo(enc *jsontext.Encoder) error {
	return json.MarshalEncode(enc, map[string]any(p), json.Deterministic(true))
}

const problemType = "application/problem+json"

// The limits of an answer: the number of violations, and the bytes of each location.
const (
	mostErrors      = 100
	longestLocation = 200
)

// Error implements error with the detail.
func (p *Problem) Error() string { return p.Detail }

// GetStatus implements huma.StatusError.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType implements huma.ContentTypeFilter.
func (*Problem) ContentType(string) string { return problemType }

// GetHeaders implements huma.HeadersError.
func (p *Problem) GetHeaders() http.Header {
	headers := http.Header{}
	maps.Copy(headers, p.headers)
	if p.Status == http.StatusUnauthorized {
		headers.Set("WWW-Authenticate", "Bearer")
	}
	if p.retryAfter > 0 {
		headers.Set("Retry-After", strconv.Itoa(int((p.retryAfter+time.Second-1)/time.Second)))
	}
	return headers
}

var statuses = map[errs.Kind]int{
	errs.Malformed:       http.StatusBadRequest,
	errs.Taken:           http.StatusBadRequest,
	errs.Unauthenticated: http.StatusUnauthorized,
	errs.Forbidden:       http.StatusForbidden,
	errs.NotFound:        http.StatusNotFound,
	errs.Conflict:        http.StatusConflict,
	errs.Stale:           http.StatusPreconditionFailed,
	errs.TooLarge:        http.StatusRequestEntityTooLarge,
	errs.Unsupported:     http.StatusUnsupportedMediaType,
	errs.Invalid:         http.StatusUnprocessableEntity,
	errs.TooMany:         http.StatusTooManyRequests,
	errs.Unavailable:     http.StatusServiceUnavailable,
}

// problemOf is the one place that converts an error to an answer. Fields without a part of the request are those of the
// body.
func problemOf(err error) *Problem { return problemIn("body", err) }

// problemIn is problemOf for fields of another part of the request.
func problemIn(part string, err error) *Problem {
	var e *errs.Error
	if !errors.As(err, &e) || statuses[e.Kind] == 0 {
		p := newProblem(http.StatusInternalServerError, "internal", "Internal error")
		p.cause = err
		return p
	}
	p := newProblem(statuses[e.Kind], e.Code, e.Message)
	p.Params, p.retryAfter, p.cause = Params(e.Params), e.RetryAfter, err
	for _, f := range e.Fields[:min(len(e.Fields), mostErrors)] {
		p.Errors = append(p.Errors, ProblemField{Location: location(part, f.Location), Message: f.Message, Code: f.Code, Params: Params(f.Params)})
	}
	return p
}

func newProblem(status int, code, detail string) *Problem {
	return &Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Code: code, Detail: detail}
}

// location completes a field name of the domain, which names no part of the request.
func location(part, field string) string {
	if len(field) > longestLocation { // it may contain a name that the client chose
		field = strings.ToValidUTF8(field[:longestLocation], "") + "…"
	}
	switch named, _, _ := strings.Cut(field, "."); named {
	case "body", "query", "path", "header":
		return field
	default:
		return part + "." + field
	}
}

var _ interface {
	huma.StatusError
	huma.HeadersError
	huma.ContentTypeFilter
} = (*Problem)(nil)
