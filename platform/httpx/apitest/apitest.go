// Package apitest serves a module's routes on a real database, behind the same middleware as in the server, and checks
// every answer of the tests against the OpenAPI document.
package apitest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	failure "github.com/pb33f/libopenapi-validator/errors"
	"github.com/pb33f/libopenapi/datamodel"
	"go.uber.org/fx"
	"go.uber.org/zap"

	"erp.internal/platform/authn"
	"erp.internal/platform/authz"
	"erp.internal/platform/background"
	"erp.internal/platform/change"
	"erp.internal/platform/health"
	"erp.internal/platform/httpx"
	"erp.internal/platform/journal"
	"erp.internal/platform/pg"
	"erp.internal/platform/search"
	"erp.internal/postgres/pgtest"
)

// Client sends requests to a server of its own, on a database of its own.
type Client struct {
	API *httpx.API
	DB  *pg.DB
	URL string

	http     *http.Client
	contract validator.Validator
}

// Open accepts every request and allows everything, for tests that are not about the caller.
func Open() fx.Option {
	return fx.Options(fx.Provide(func() authn.Authenticator { return authn.Open{} }), AllAllowed())
}

// AllAllowed allows everything to signed-in callers, for tests that are not about permissions.
func AllAllowed() fx.Option {
	return fx.Provide(func() (authz.Authorizer, authz.Holders) { return authz.Open{}, authz.Open{} })
}

// Settings are the server's settings.
func Settings() httpx.Settings { return httpx.Settings{PublicURL: "http://127.0.0.1:8000"} }

// New serves the modules on a new database; options may replace the server's dependencies. One of the modules, or
// AllAllowed, provides the authz.Authorizer.
func New(tb testing.TB, migrations fs.FS, options ...fx.Option) *Client {
	tb.Helper()
	return On(tb, pgtest.New(tb, migrations), options...)
}

// On is New on an existing database, such as that of another server.
func On(tb testing.TB, db *pg.DB, options ...fx.Option) *Client {
	tb.Helper()
	c := &Client{DB: db}
	var tasks struct {
		fx.In
		All []background.Task `group:"tasks"`
	}
	var indexes *search.Indexes
	app := fx.New(
		fx.NopLogger,
		fx.Supply(db, httpx.About{Name: "ERP Backend", Version: "test"}, Settings(), zap.NewNop()),
		fx.Provide(
			fx.Annotate(func() httpx.Routes { return health.New(zap.NewNop(), health.Check{Name: "database", Run: db.Ready}) }, fx.ResultTags(`group:"routes"`)),
			fx.Annotate(authz.NewCatalogue, fx.ParamTags(`group:"permissions"`)),
			fx.Annotate(newAPI, fx.ParamTags("", "", "", "", "", "", "", "", `group:"routes"`)),
		),
		journal.Module(),
		search.Module(),
		fx.Options(options...),
		fx.Invoke((*change.Door).Strict),
		fx.Populate(&c.API, &tasks, &indexes),
	)
	if err := app.Err(); err != nil {
		tb.Fatal(err)
	}
	if err := indexes.Fill(tb.Context()); err != nil { // as the server does at its start
		tb.Fatal(err)
	}
	tb.Cleanup(background.Start(context.WithoutCancel(tb.Context()), zap.NewNop(), tasks.All))
	server := httptest.NewServer(c.API.Handler())
	tb.Cleanup(server.Close)
	c.URL, c.http = server.URL, server.Client()
	c.contract = contract(tb, c.API)
	return c
}

func newAPI(about httpx.About, settings httpx.Settings, log *zap.Logger, authenticator authn.Authenticator, authorizer authz.Authorizer, catalogue *authz.Catalogue, refused httpx.Refused, answers httpx.Answers, routes []httpx.Routes) (*httpx.API, error) {
	return httpx.New(httpx.Config{About: about, Settings: settings, Log: log, Authenticator: authenticator, Authorizer: authorizer, Catalogue: catalogue, Refused: refused, Answers: answers}, routes)
}

func contract(tb testing.TB, api *httpx.API) validator.Validator {
	tb.Helper()
	text, err := api.OpenAPI()
	if err != nil {
		tb.Fatal(err)
	}
	// A tree refers to itself through an array, which may be empty, so it is not infinite.
	document, err := libopenapi.NewDocumentWithConfiguration(text, &datamodel.DocumentConfiguration{IgnoreArrayCircularReferences: true})
	if err != nil {
		tb.Fatal(err)
	}
	v, failed := validator.NewValidator(document)
	if len(failed) > 0 {
		tb.Fatal(failed)
	}
	return v
}

// Answer is the server's answer.
type Answer struct {
	Path   string // of the request, without the query
	Status int
	Header http.Header
	Body   []byte
	// Object is the body when it is a JSON object, List when it is an array.
	Object map[string]any
	List   []map[string]any
}

// Do sends a request with a JSON body and headers in pairs, and checks the answer against the contract.
func (c *Client) Do(tb testing.TB, method, path, body string, header ...string) Answer {
	tb.Helper()
	request, err := http.NewRequestWithContext(tb.Context(), method, c.URL+path, strings.NewReader(body))
	if err != nil {
		tb.Fatal(err)
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		if request.Header.Set(header[i], header[i+1]); header[i+1] == "" {
			request.Header.Del(header[i])
		}
	}
	response, err := c.http.Do(request)
	if err != nil {
		tb.Fatal(err)
	}
	defer response.Body.Close() //nolint:errcheck // it was read whole
	a := Answer{Path: request.URL.Path, Status: response.StatusCode, Header: response.Header}
	if a.Body, err = io.ReadAll(response.Body); err != nil {
		tb.Fatal(err)
	}
	c.check(tb, request, response, a.Body)
	if len(a.Body) > 0 && strings.Contains(a.Header.Get("Content-Type"), "json") {
		var into any = &a.Object
		if a.Body[0] == '[' {
			into = &a.List
		}
		if err := json.Unmarshal(a.Body, into); err != nil {
			tb.Fatalf("%s %s: the answer is not JSON: %v", method, path, err)
		}
	}
	return a
}

// Token is an Authorization header; "" for an anonymous caller.
type Token string

// SignIn returns the token of a new session. It needs the identity module.
func (c *Client) SignIn(tb testing.TB, email, password string) Token {
	tb.Helper()
	a := c.Do(tb, "POST", "/auth/login", fmt.Sprintf(`{"email":%q,"password":%q}`, email, password)).Want(tb, http.StatusOK)
	token, _ := a.Object["access_token"].(string)
	return Token("Bearer " + token)
}

// As is Do in a session.
func (c *Client) As(tb testing.TB, who Token, method, path, body string, header ...string) Answer {
	tb.Helper()
	return c.Do(tb, method, path, body, append(header, "Authorization", string(who))...)
}

// check validates an answer against the document. Answers to unknown paths and methods must be problems.
func (c *Client) check(tb testing.TB, request *http.Request, response *http.Response, body []byte) {
	tb.Helper()
	if response.StatusCode >= http.StatusBadRequest {
		if err := Problem(response.StatusCode, response.Header, body); err != "" {
			tb.Errorf("%s %s: %s", request.Method, request.URL, err)
		}
	}
	if response.StatusCode == http.StatusNotModified {
		return // documents describe answers with a body
	}
	known := request.Clone(tb.Context())
	if len(known.URL.Path) > 1 {
		known.URL.Path = strings.TrimSuffix(known.URL.Path, "/")
	}
	copied := *response
	copied.Body = io.NopCloser(bytes.NewReader(body))
	if valid, failed := c.contract.ValidateHttpResponse(known, &copied); !valid {
		for _, f := range failed {
			if f.IsPathMissingError() || f.IsOperationMissingError() {
				return
			}
			tb.Errorf("%s %s answered %d, which is not in the contract: %s: %s\n%s", request.Method, request.URL, response.StatusCode, f.Message, reasons(f), body)
		}
	}
}

func reasons(f *failure.ValidationError) string {
	all := f.Reason
	for _, one := range f.SchemaValidationErrors {
		all += "; " + one.FieldPath + ": " + one.Reason
	}
	return all
}

// Problem explains why an error answer is not a valid problem document; "" if it is.
func Problem(status int, header http.Header, body []byte) string {
	if got := header.Get("Content-Type"); got != "application/problem+json" {
		return "an error of type " + got
	}
	var p httpx.Problem
	if err := json.Unmarshal(body, &p); err != nil {
		return "an error that is not JSON: " + err.Error()
	}
	if p.Status != status || p.Type == "" || p.Title == "" || p.Detail == "" || p.Code == "" || p.RequestID == "" {
		return "an error without all of its members: " + string(body)
	}
	return ""
}

// Want checks the status and, in pairs, members of the object: Want(t, 201, "id", 1, "name", "A"). Numbers are compared by
// value; nil stands for null.
func (a Answer) Want(tb testing.TB, status int, members ...any) Answer {
	tb.Helper()
	if a.Status != status {
		tb.Fatalf("status %d, want %d: %s", a.Status, status, a.Body)
	}
	for i := 0; i+1 < len(members); i += 2 {
		name, _ := members[i].(string)
		got, found := a.Object[name]
		if !found || !same(got, members[i+1]) {
			tb.Errorf("%s is %v (found: %v), want %v", name, got, found, members[i+1])
		}
	}
	return a
}

// ID returns the id of the object.
func (a Answer) ID() int64 {
	id, _ := a.Object["id"].(float64)
	return int64(id)
}

// Violations returns the violated rules, each as "location code".
func (a Answer) Violations() []string {
	var all []string
	listed, _ := a.Object["errors"].([]any)
	for _, one := range listed {
		field, _ := one.(map[string]any)
		location, _ := field["location"].(string)
		code, _ := field["code"].(string)
		all = append(all, location+" "+code)
	}
	return all
}

// Params returns the values of the violation at a location, or, for "", those of the problem itself; nil for none.
func (a Answer) Params(location string) map[string]any {
	if location == "" {
		params, _ := a.Object["params"].(map[string]any)
		return params
	}
	listed, _ := a.Object["errors"].([]any)
	for _, one := range listed {
		if field, _ := one.(map[string]any); field["location"] == location {
			params, _ := field["params"].(map[string]any)
			return params
		}
	}
	return nil
}

func same(got, want any) bool {
	if number, ok := got.(float64); ok {
		v := reflect.ValueOf(want)
		switch {
		case v.CanInt():
			return number == float64(v.Int())
		case v.CanFloat():
			return number == v.Float()
		}
	}
	return reflect.DeepEqual(got, want)
}
