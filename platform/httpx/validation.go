package httpx

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"

	"erp.internal/platform/errs"
)

// useOurProblems converts huma's own errors (unreadable or invalid input) to problems, without the submitted values that
// huma would repeat. huma has package variables for this, hence once for the process.
var useOurProblems = sync.OnceFunc(func() {
	huma.ValidateStrictCasing = true // a field of another case would pass the schema and then be ignored
	huma.NewErrorWithContext = func(ctx huma.Context, status int, message string, details ...error) huma.StatusError {
		if status == http.StatusUnprocessableEntity {
			details = append(queryViolations(ctx.Context()), details...)
		}
		return ofHuma(status, message, details)
	}
	huma.NewError = func(status int, message string, details ...error) huma.StatusError {
		return ofHuma(status, message, details)
	}
})

func ofHuma(status int, message string, details []error) *Problem {
	switch status {
	case 0: // huma needs the type for the document
		return &Problem{}
	case http.StatusBadRequest:
		return unreadable(message, details)
	case http.StatusRequestEntityTooLarge:
		return tooLarge(message)
	case http.StatusUnsupportedMediaType:
		return newProblem(status, "unsupported_media_type", "Send the body as application/json, in UTF-8")
	case http.StatusRequestTimeout:
		return newProblem(status, "body_timeout", "The body did not arrive in time")
	case http.StatusUnprocessableEntity:
		return invalid(details)
	case http.StatusInternalServerError:
		if len(details) > 0 { // only when reading the body failed: the client disconnected or sent invalid chunks
			return newProblem(http.StatusBadRequest, "body_incomplete", "The body did not arrive whole")
		}
	}
	return newProblem(status, "error", http.StatusText(status))
}

// tooLarge states the maximum size of the body, which is in huma's message.
func tooLarge(message string) *Problem {
	p, most := newProblem(http.StatusRequestEntityTooLarge, "body_too_large", "The body is larger than 1 MiB"), maxBody
	if strings.Contains(message, fmt.Sprintf("limit=%d ", maxBodyWithoutTurn+1)) {
		p.Detail, most = "The body is larger than 64 KiB", maxBodyWithoutTurn
	}
	p.Params = Params{"max": most}
	return p
}

func unreadable(message string, details []error) *Problem {
	p := newProblem(http.StatusBadRequest, "unreadable_body", "The body is not readable JSON")
	if len(details) == 0 {
		p.Code, p.Detail = "body_required", capitalised(message)
		return p
	}
	var first *huma.ErrorDetail
	if errors.As(details[0], &first) {
		p.Detail = "The body is not readable JSON: " + first.Message // from unmarshal in json.go
	}
	return p
}

// invalid returns one problem with all violations: huma's, and those that resolvers found with the domain's rules.
func invalid(details []error) *Problem {
	var v errs.Violations
	for _, detail := range details {
		var ofHuma *huma.ErrorDetail
		var own *errs.Error
		switch {
		case errors.As(detail, &ofHuma):
			if places, ok := strings.CutPrefix(ofHuma.Message, typeMismatch); ok {
				for place := range strings.Lines(places) {
					v.Add(ofHuma.Location+strings.TrimSpace(place), "wrong_type", "does not fit its type")
				}
				continue
			}
			v.Note(violation(ofHuma.Location, ofHuma.Message))
		case errors.As(detail, &own):
			for _, f := range own.Fields {
				v.Note(f)
			}
		default:
			v.Add("body", "invalid", "is not valid")
		}
	}
	return problemOf(v.Err())
}

// rules assign codes to huma's messages, by the text before the first verb of their format; if that verb is a number,
// bound is the name of its parameter. Messages without a rule get the code "invalid".
var rules = []struct {
	begins, code, message, bound string
	whole                        bool // the message is just that: "expected number", not "expected number to be a multiple of 2"
}{
	{begins: "required ", code: "required", message: "is required"},
	{begins: validation.MsgUnexpectedProperty, code: "unknown_field", message: "is not a known field"},
	{begins: beforeVerb(validation.MsgExpectedMinLength), code: "too_short", bound: "min"},
	{begins: beforeVerb(validation.MsgExpectedMaxLength), code: "too_long", bound: "max"},
	{begins: beforeVerb(validation.MsgExpectedMinItems), code: "too_few", bound: "min"},
	{begins: beforeVerb(validation.MsgExpectedMaxItems), code: "too_many", bound: "max"},
	{begins: beforeVerb(validation.MsgExpectedMinimumNumber), code: "too_small", bound: "min"},
	{begins: beforeVerb(validation.MsgExpectedMaximumNumber), code: "too_large", bound: "max"},
	{begins: beforeVerb(validation.MsgExpectedOneOf), code: "not_one_of"},
	{begins: validation.MsgExpectedRFC3339Date, code: "date", message: "must be a date such as 2026-03-01", whole: true},
	{begins: validation.MsgExpectedRFC3339DateTime, code: "date_time", message: dateTimeMessage},
	{begins: validation.MsgExpectedString, code: "wrong_type", whole: true},
	{begins: validation.MsgExpectedInteger, code: "wrong_type", whole: true},
	{begins: validation.MsgExpectedNumber, code: "wrong_type", whole: true},
	{begins: validation.MsgExpectedBoolean, code: "wrong_type", whole: true},
	{begins: validation.MsgExpectedArray, code: "wrong_type", whole: true},
	{begins: validation.MsgExpectedObject, code: "wrong_type", whole: true},
	{begins: beforeVerb(validation.MsgExpectedBePattern), code: "wrong_type"}, // such as "an id or null"
	{begins: "invalid ", code: "wrong_type"},
}

const dateTimeMessage = "must be a date and time such as 2026-03-01T12:00:00Z"

// violation converts a message of huma to a violated rule.
func violation(location, message string) errs.Field {
	if name, ok := strings.CutPrefix(message, beforeVerb(validation.MsgExpectedRequiredProperty)); ok {
		name, _, _ = strings.Cut(name, " ") // huma reports a missing field at the object it is missing in
		return errs.Field{Location: location + "." + name, Code: "required", Message: "is required"}
	}
	for _, r := range rules {
		rest, is := strings.CutPrefix(message, r.begins)
		if !is || r.whole && rest != "" {
			continue
		}
		f := errs.Field{Location: location, Code: r.code, Message: cmp.Or(r.message, message)}
		if f.Code == "date_time" && strings.HasPrefix(location, "query.") {
			f.Message += ", with a + written as %2B" // in a query, + means a space
		}
		if number, err := strconv.ParseFloat(rest, 64); r.bound != "" && err == nil {
			f.Params = errs.Params{r.bound: number}
		}
		return f
	}
	return errs.Field{Location: location, Code: "invalid", Message: message}
}

// fieldErrors adds a field's location in the request to the domain's error about it.
func fieldErrors(place *huma.PathBuffer, err error) []error {
	var v errs.Violations
	if err := v.Check(place.String(), err); err != nil {
		return []error{err}
	}
	if err := v.Err(); err != nil {
		return []error{err}
	}
	return nil
}

func beforeVerb(format string) string {
	text, _, _ := strings.Cut(format, "%")
	return text
}

func capitalised(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
