package httpx_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"go.uber.org/zap/zapcore"

	"erp.internal/platform/authn"
	"erp.internal/platform/authz"
	"erp.internal/platform/httpx"
	"erp.internal/platform/logging"
	"erp.internal/platform/metrics"
)

type benchThing struct {
	ID          int64     `json:"id"`
	Name        string    `json:"name"`
	Description *string   `json:"description"`
	CreatedAt   time.Time `json:"created_at"`
	UpdatedAt   time.Time `json:"updated_at"`
}

type benchInput struct {
	ID int64 `path:"id" minimum:"1"`
}

// BenchmarkGet is what a GET costs around its use case: the whole handler, with its log.
func BenchmarkGet(b *testing.B) {
	note := "Made by a benchmark"
	thing := benchThing{ID: 7, Name: "서울병원", Description: &note, CreatedAt: time.Now().UTC(), UpdatedAt: time.Now().UTC()}
	var routes routes = func(api *httpx.API) {
		httpx.Register(api, httpx.Operation{ID: "thing-by-id", Method: http.MethodGet, Path: "/things/{id}", Tag: "Test", Access: permissionRead, Errors: []int{http.StatusNotFound}},
			func(context.Context, *benchInput) (*httpx.Found[benchThing], error) {
				return &httpx.Found[benchThing]{ETag: `"1"`, Body: thing}, nil
			})
	}
	api, err := httpx.New(httpx.Config{
		About: httpx.About{Name: "Test", Version: "1"}, Settings: httpx.Settings{PublicURL: "http://127.0.0.1:8000"},
		Log:           logging.New(logging.Settings{Level: zapcore.InfoLevel}, io.Discard),
		Authenticator: authn.Open{}, Authorizer: authz.Open{}, Catalogue: catalogue(b), Observe: metrics.New(nil, nil).Observe,
	}, []httpx.Routes{routes})
	if err != nil {
		b.Fatal(err)
	}
	handler := api.Handler()
	request := httptest.NewRequest(http.MethodGet, "/things/7", nil)
	request.Host = "127.0.0.1:8000"
	answer := &discard{header: http.Header{}}
	b.ReportAllocs()
	for b.Loop() {
		clear(answer.header)
		handler.ServeHTTP(answer, request)
	}
	if answer.status != http.StatusOK {
		b.Fatalf("status %d", answer.status)
	}
}

// discard is a ResponseWriter that costs nothing itself.
type discard struct {
	header http.Header
	status int
}

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(b []byte) (int, error) { return len(b), nil }
func (d *discard) WriteHeader(status int)      { d.status = status }
