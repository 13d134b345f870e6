package httpx

import (
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
)

// clientKey is the operation's metadata that holds the trusted proxies.
const clientKey = "proxies"

// Sender is the client that sent a request: a field of inputs that need it.
type Sender struct {
	Address   string // of the client, seen through the trusted proxies
	UserAgent string // as valid UTF-8

	request *http.Request
}

// Resolve implements huma.Resolver.
func (s *Sender) Resolve(ctx huma.Context) []error {
	trusted, _ := ctx.Operation().Metadata[clientKey].(proxies)
	s.request = humagin.Unwrap(ctx).Request
	s.Address, s.UserAgent = trusted.client(s.request), strings.ToValidUTF8(s.request.UserAgent(), "\uFFFD")
	return nil
}

// Request is the HTTP request, for modules with headers or cookies of their own.
func (s Sender) Request() *http.Request { return s.request }
