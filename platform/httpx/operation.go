package httpx

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"erp.internal/platform/authn"
	"erp.internal/platform/authz"
	"erp.internal/platform/etag"
)

// Operation describes an operation of the API.
type Operation struct {
	ID          string // unique, kebab-case: "create-organization"
	Method      string
	Path        string // without a trailing slash; both forms are answered
	Tag         string
	Summary     string
	Description string
	// Access is what the caller needs. The server does not start with an operation without it: deny by default (ASVS
	// 8.2.1).
	Access authn.Access
	Status int   // of success; 200 when 0
	Errors []int // the statuses of errors that the operation adds to those that every operation may answer
	// Produces is the media type of a body other than JSON, such as a Stream's.
	Produces string
	// Large says that the size of the answer has no limit, such as a whole tree: few of them are made at once.
	Large bool
	// Probe says that operators ask whether the server runs: it is answered whatever else goes on, and costs next to nothing.
	Probe bool
	// keeps says that the answer may be stored: see RegisterChange.
	keeps bool
}

// The maximum size of a body in bytes (ASVS 2.4.1). Operations that take no turn (turns.go) accept less, since a sender may
// have any number of them under way; their bodies contain an email and passwords.
const (
	maxBody            = 1 << 20
	maxBodyWithoutTurn = 64 << 10
)

// Register adds an operation to the API. The handler converts its input to a command, calls the use case, and converts the
// result to its output; problemOf converts its error to an answer.
func Register[I, O any](api *API, op Operation, handler func(context.Context, *I) (*O, error)) {
	if op.Access == nil || op.Access.AccessName() == "" {
		api.faults = append(api.faults, fmt.Errorf("operation %s declares no access: declare a permission, authn.SignedIn or authn.Public", op.ID))
		return
	}
	if permission, ok := op.Access.(authz.Permission); ok {
		if _, declared := api.Catalogue.Index(permission); !declared {
			api.faults = append(api.faults, fmt.Errorf("operation %s needs the permission %q, which no module declares: add it to the module's permissions", op.ID, permission))
			return
		}
	}
	errors := append([]int{http.StatusUnprocessableEntity, http.StatusServiceUnavailable}, op.Errors...) // 422: see strictQuery
	// A public operation has an empty security in the document, which says that it is public on purpose.
	security := []map[string][]string{}
	if op.Access != authn.Public {
		errors = append(errors, http.StatusUnauthorized, http.StatusForbidden)
		security = []map[string][]string{{bearerScheme: {}}, {cookieScheme: {}}}
	}
	most := int64(maxBodyWithoutTurn)
	if op.takesTurns() {
		most = maxBody
		errors = append(errors, http.StatusTooManyRequests)
	}
	var middlewares huma.Middlewares
	if op.Large {
		middlewares = huma.Middlewares{api.large}
	}
	var parameters []*huma.Param
	if op.Method == http.MethodPost && op.Access != authn.Public { // see once
		parameters = []*huma.Param{idempotencyKeyParameter()}
		errors = append(errors, http.StatusBadRequest, http.StatusConflict)
	}
	var responses map[string]*huma.Response
	if op.Produces != "" {
		file := &huma.Schema{Type: huma.TypeString}
		responses = map[string]*huma.Response{"200": {Description: "The file", Content: map[string]*huma.MediaType{op.Produces: {Schema: file}}}}
	}
	api.Tag(op.Tag, "")
	api.listed = append(api.listed, op)
	api.operations[route{op.Method, ginPattern.Replace(op.Path)}] = op.ID
	huma.Register(api.huma, huma.Operation{
		OperationID: op.ID, Method: op.Method, Path: op.Path, DefaultStatus: op.Status,
		Summary: op.Summary, Description: described(op), Tags: []string{op.Tag},
		Parameters: parameters, Errors: errors, Responses: responses, Security: security, Middlewares: middlewares, MaxBodyBytes: most + 1, BodyReadTimeout: readTimeout, // huma refuses a body of MaxBodyBytes
		Metadata: map[string]any{accessKey: op.Access, clientKey: api.proxies, keepsKey: op.keeps, probeKey: op.Probe},
	}, func(ctx context.Context, in *I) (*O, error) {
		if violations := queryViolations(ctx); len(violations) > 0 {
			return nil, invalid(violations)
		}
		out, err := handler(ctx, in)
		if err != nil {
			return nil, api.problemOf(op.Method, err)
		}
		return out, nil
	})
}

// takesTurns reports whether its requests count towards the user's limit: see turns.go. Others count towards that of the
// client's address, so that a user can sign out, and change a password that another person knows, whatever that person does.
func (op Operation) takesTurns() bool {
	return op.Access != authn.Public && op.Access != authn.SignedInOrPending
}

// ginPattern converts a path to Gin's form of a route.
var ginPattern = strings.NewReplacer("{", ":", "}", "")

// Tag adds a tag with its description. The document groups operations by tag, in the order in which modules add them.
// Adding a tag again changes nothing.
func (a *API) Tag(name, description string) {
	document := a.huma.OpenAPI()
	if !slices.ContainsFunc(document.Tags, func(t *huma.Tag) bool { return t.Name == name }) {
		document.Tags = append(document.Tags, &huma.Tag{Name: name, Description: description})
	}
}

func described(op Operation) string {
	needs := "Requires the permission `" + op.Access.AccessName() + "`."
	switch op.Access {
	case authn.Public:
		needs = "Public: no sign-in is required."
	case authn.SignedIn:
		needs = "Requires sign-in."
	case authn.SignedInOrPending:
		needs = "Requires sign-in; allowed also while the password must be changed."
	}
	if op.Description == "" {
		return needs
	}
	return op.Description + "\n\n" + needs
}

// BodyErrors returns the error statuses of every operation with a body, and more.
func BodyErrors(more ...int) []int {
	return append([]int{http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity}, more...)
}

// IfMatch is the header of operations that change an object only if it still has the version that the caller read.
type IfMatch struct {
	Header string `header:"If-Match" doc:"The ETag of the version that was read; if it has changed since, the answer is 412"`
}

// Condition parses the header.
func (m IfMatch) Condition() etag.Condition { return etag.ParseIfMatch(m.Header) }

// Found is the answer with one object.
type Found[T any] struct {
	ETag string `header:"ETag"`
	Body T
}

// Created is the answer of an operation that created an object.
type Created[T any] struct {
	Location string `header:"Location" doc:"URL of the new object"`
	ETag     string `header:"ETag"`
	Body     T
}

// Empty is the output of operations that answer without a body: their handlers return nil.
type Empty struct{}
