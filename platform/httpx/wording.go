package httpx

import (
	"net/http"

	"erp.internal/platform/change"
	"erp.internal/platform/errs"
)

// wording holds the messages in which this API differs from the use cases: they do not know its paths, parameters and
// headers, which a client wants to be told.
type wording struct{ errors, rules map[string]string }

func newWording() wording {
	w := wording{errors: map[string]string{}, rules: map[string]string{}}
	w.errors[change.ErrUnderWay.Code] = "A request with this Idempotency-Key is under way: ask again for its answer in a moment"
	w.rules["cursor"] = "must be a cursor from a Link header of this list, with the same sort"
	return w
}

// Reword gives an error another message in the answers of this API.
func (a *API) Reword(e *errs.Error, message string) { a.wording.errors[e.Code] = message }

// RewordRule gives the rule of a code another message in the answers of this API.
func (a *API) RewordRule(code, message string) { a.wording.rules[code] = message }

// problemOf is problemOf in the words of this API, for an error of an operation. The fields of a use case are those of the
// body, or of the query where the method has no body.
func (a *API) problemOf(method string, err error) *Problem {
	part := "body"
	if method == http.MethodGet || method == http.MethodDelete {
		part = "query"
	}
	p := problemIn(part, err)
	if message, known := a.wording.errors[p.Code]; known {
		p.Detail = message
	}
	for i, f := range p.Errors {
		if message, known := a.wording.rules[f.Code]; known {
			p.Errors[i].Message = message
		}
	}
	return p
}
