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

// Operation describes one thing the API can do.
type Operation struct {
	ID          string // unique, kebab-case: "create-organization"
	Method      string
	Path        string // without a trailing slash; both forms are answered
	Tag         string
	Summary     string
	Description string
	// Access is what the caller needs. An operation without it stops the start: deny by default (ASVS 8.2.1).
	Access authn.Access
	Status int   // of success; 200 when 0
	Errors []int // the statuses of the errors it may answer besides those that any operation may
	// Produces is the type of a body that is no JSON, such as a Stream's.
	Produces string
	// Large says that the answer holds as much as there is, such as a whole tree: few of them are made at once.
	Large bool
	// keeps says that the answer may be kept: see RegisterChange.
	keeps bool
}

// How large a body may be, in bytes (ASVS 2.4.1). Where nothing bounds how many of them one sender may have under way, see
// turns.go, it is less: those bodies hold an email and passwords.
const (
	maxBody     = 1 << 20
	maxFreeBody = 64 << 10
)

// Register adds an operation to the API. The handler turns its input into a command, calls the use case, and turns the
// result into its output; what it returns as an error is answered by problemOf.
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
	// An operation that is open to everybody says so in the document: leaving security out would not tell that it is meant.
	security := []map[string][]string{}
	if op.Access != authn.Public {
		errors = append(errors, http.StatusUnauthorized, http.StatusForbidden)
		security = []map[string][]string{{bearerScheme: {}}, {cookieScheme: {}}}
	}
	most := int64(maxFreeBody)
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
		parameters = []*huma.Param{keyParameter()}
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
		Metadata: map[string]any{accessKey: op.Access, clientKey: api.proxies, keepsKey: op.keeps},
	}, func(ctx context.Context, in *I) (*O, error) {
		if misread := queryProblems(ctx); len(misread) > 0 {
			return nil, invalid(misread)
		}
		out, err := handler(ctx, in)
		if err != nil {
			return nil, problemOf(err)
		}
		return out, nil
	})
}

// takesTurns says whether requests for it count as those of a user: see turns.go. Signing out, and changing a password that
// somebody else knows, wait for nothing.
func (op Operation) takesTurns() bool {
	return op.Access != authn.Public && op.Access != authn.Entering
}

// ginPattern writes a path as Gin names the route of a request.
var ginPattern = strings.NewReplacer("{", ":", "}", "")

// Tag describes what a tag's operations are about. The document shows operations by tag, in the order in which modules
// name them; one that is there already stays as it is.
func (a *API) Tag(name, description string) {
	document := a.huma.OpenAPI()
	if !slices.ContainsFunc(document.Tags, func(t *huma.Tag) bool { return t.Name == name }) {
		document.Tags = append(document.Tags, &huma.Tag{Name: name, Description: description})
	}
}

func described(op Operation) string {
	needs := "Needs the permission `" + op.Access.AccessName() + "`."
	switch op.Access {
	case authn.Public:
		needs = "Open to everybody."
	case authn.SignedIn:
		needs = "For whoever is signed in."
	case authn.Entering:
		needs = "For whoever is signed in, also when the password must be changed first."
	}
	if op.Description == "" {
		return needs
	}
	return op.Description + "\n\n" + needs
}

// BodyErrors are the statuses that any operation with a body may answer, and more.
func BodyErrors(more ...int) []int {
	return append([]int{http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity}, more...)
}

// IfMatch is the header of operations that change something only if it still is what the caller saw.
type IfMatch struct {
	Header string `header:"If-Match" doc:"The ETag that was seen; the change is refused with 412 when it is another one now"`
}

// Condition gives what the header asked for.
func (m IfMatch) Condition() etag.Condition { return etag.ParseIfMatch(m.Header) }

// Found is the answer that holds one thing.
type Found[T any] struct {
	ETag string `header:"ETag"`
	Body T
}

// Created is the answer of an operation that made a thing.
type Created[T any] struct {
	Location string `header:"Location" doc:"Where it is"`
	ETag     string `header:"ETag"`
	Body     T
}

// Empty is the output of operations that answer without a body: their handlers give nil.
type Empty struct{}
