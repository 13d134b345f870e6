package httpx

import (
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
)

// Sender is who sent a request, as far as the network tells: a field of inputs that want to know.
type Sender struct {
	Address   string // of the one before the trusted proxies
	UserAgent string // what the client says of itself, as valid UTF-8
	Cookies   []*http.Cookie
}

// Resolve implements huma.Resolver.
func (s *Sender) Resolve(ctx huma.Context) []error {
	c := humagin.Unwrap(ctx)
	s.Address, s.UserAgent, s.Cookies = c.ClientIP(), strings.ToValidUTF8(c.Request.UserAgent(), "\uFFFD"), c.Request.Cookies()
	return nil
}
