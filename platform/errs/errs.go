// Package errs is the one error type that crosses the rooms of a module: the domain and the postgres adapter make
// such errors, the use cases pass them on, and one function in platform/httpx turns them into an answer.
// Whatever is no *Error is a bug or a failure of the machine: it is logged whole and answered as "internal error".
package errs

import (
	"errors"
	"fmt"
	"time"
)

// Kind says what went wrong in terms a transport can answer; package httpx maps each kind to one HTTP status.
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
	Stale                       // 412: changed by somebody else since it was read
	TooLarge                    // 413
	Unsupported                 // 415
	Invalid                     // 422: readable, but a rule is violated
	TooMany                     // 429
	Unavailable                 // 503: try again later
)

// Error is an error that a caller may be told of. Message is one sentence for people and never holds a submitted value,
// SQL, or a path; Code is stable and for machines ("organization.name_taken").
type Error struct {
	Kind    Kind
	Code    string
	Message string
	// Params are the values that Message holds, for programs that say it in another language.
	Params Params
	// Fields are the violations of an Invalid error, all of them.
	Fields []Field
	// RetryAfter is how long to wait before another attempt; it is used with TooMany and Unavailable.
	RetryAfter time.Duration

	cause error
}

// Field is one violated rule. Location is the field's name as the API spells it ("name"), or with the part of the
// request it came in ("query.sort").
type Field struct {
	Location string
	Code     string
	Message  string
	Params   Params // the values that Message holds, as with Error
}

// Params are values by their names: numbers, texts, and lists of those. They are made where the error is, and not changed.
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

// Error gives the message and, for logs, its cause.
func (e *Error) Error() string {
	if e.cause != nil {
		return fmt.Sprintf("%s: %v", e.Message, e.cause)
	}
	return e.Message
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.cause }

// Is makes errors.Is compare codes, so that a sentinel is still recognised after Saying or Because.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

// Saying gives the error with another message, for a sentinel whose sentence holds a number.
func (e *Error) Saying(format string, args ...any) *Error {
	said := *e
	said.Message = fmt.Sprintf(format, args...)
	return &said
}

// With gives the error with the values that its message holds.
func (e *Error) With(params Params) *Error {
	with := *e
	with.Params = params
	return &with
}

// Because gives the error with a cause, which is logged and never answered.
func (e *Error) Because(cause error) *Error {
	caused := *e
	caused.cause = cause
	return &caused
}

// KindOf gives the kind of the first *Error in err's chain, Internal when there is none.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}
