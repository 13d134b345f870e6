// Package errs defines the error type that crosses the layers of a module: the domain and the postgres adapter make such
// errors, the use cases return them, and one function in platform/httpx converts them to answers. Any other error is a bug
// or a failure of the machine: it is logged with all details and answered as "Internal error".
package errs

import (
	"errors"
	"fmt"
	"time"
)

// Kind classifies an error for the transport; package httpx maps each kind to one HTTP status.
type Kind int

// The kinds, with the HTTP status they are answered with.
const (
	Internal        Kind = iota // 500
	Malformed                   // 400: what was sent cannot be read
	Taken                       // 400: the old contract's answer to a value that must be unique and is not
	Unauthenticated             // 401
	Forbidden                   // 403
	NotFound                    // 404
	Conflict                    // 409: in use, or in a state that does not allow it
	Stale                       // 412: another user has changed it since it was read
	TooLarge                    // 413
	Unsupported                 // 415
	Invalid                     // 422: readable, but a rule is violated
	TooMany                     // 429
	Unavailable                 // 503: try again later
)

// Error is an error that may be shown to the caller. Message is one sentence for people and never contains a submitted
// value, SQL, or a path; Code is stable and for programs ("organization.name_taken").
type Error struct {
	Kind    Kind
	Code    string
	Message string
	// Params are the values in Message, for clients that show it in another language.
	Params Params
	// Fields are the violations of an Invalid error, all of them.
	Fields []Field
	// RetryAfter is how long to wait before a retry; it is used with TooMany and Unavailable.
	RetryAfter time.Duration

	cause error
}

// Field is one violated rule. Location is the field's name as the API spells it ("name"), or with the part of the
// request it came in ("query.sort").
type Field struct {
	Location string
	Code     string
	Message  string
	Params   Params // the values in Message
}

// Params are values by name: numbers, texts, and lists of those. They must not be changed after the error was made.
type Params map[string]any

// New makes an error, usually a sentinel of a domain package.
func New(kind Kind, code, message string) *Error {
	return &Error{Kind: kind, Code: code, Message: message}
}

// Violation makes an Invalid error of one field.
func Violation(location, code, message string) *Error {
	return Field{Location: location, Code: code, Message: message}.Violation()
}

// Violation makes an Invalid error of the field.
func (f Field) Violation() *Error {
	var v Violations
	v.Note(f)
	return v.invalid()
}

// Error returns the message and, for logs, the cause.
func (e *Error) Error() string {
	if e.cause != nil {
		return fmt.Sprintf("%s: %v", e.Message, e.cause)
	}
	return e.Message
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.cause }

// Is makes errors.Is compare codes, so that it recognises a sentinel also after WithMessage, WithParams or WithCause.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

// WithMessage returns a copy with another message, for a sentinel whose message contains a value.
func (e *Error) WithMessage(format string, args ...any) *Error {
	c := *e
	c.Message = fmt.Sprintf(format, args...)
	return &c
}

// WithParams returns a copy with the values in its message.
func (e *Error) WithParams(params Params) *Error {
	c := *e
	c.Params = params
	return &c
}

// WithCause returns a copy with a cause, which is logged but not in the answer.
func (e *Error) WithCause(cause error) *Error {
	c := *e
	c.cause = cause
	return &c
}

// KindOf returns the kind of the first *Error in err's chain, Internal when there is none.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}
