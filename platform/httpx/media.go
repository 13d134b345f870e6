package httpx

import (
	"mime"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
)

const jsonType = "application/json"

// jsonOnly refuses a body whose headers do not declare whole, uncompressed JSON in UTF-8, whatever its bytes are. A body
// without a Content-Type is refused too: a page of another origin may send one without a preflight request.
func (a *API) jsonOnly(ctx huma.Context, next func(huma.Context)) {
	c := humagin.Unwrap(ctx)
	if ctx.Operation().RequestBody == nil || c.Request.ContentLength == 0 {
		next(ctx)
		return
	}
	header := c.Request.Header
	if p := checkDeclaration(header); p != nil {
		a.write(c, p)
		return
	}
	header["Content-Type"] = []string{jsonType} // huma knows only this form
	next(ctx)
}

// checkDeclaration returns the problem with the headers that describe a body, nil for none.
func checkDeclaration(header http.Header) *Problem {
	if len(header["Content-Range"]) > 0 { // RFC 9110, section 14.5
		return newProblem(http.StatusBadRequest, "partial_body", "Partial updates with Content-Range are not supported: send the whole body, without Content-Range")
	}
	for coding := range strings.SplitSeq(strings.Join(header["Content-Encoding"], ","), ",") {
		if coding = strings.Trim(coding, " \t"); coding != "" && !strings.EqualFold(coding, "identity") {
			p := newProblem(http.StatusUnsupportedMediaType, "unsupported_content_encoding", "Send the body uncompressed, without Content-Encoding")
			p.headers = http.Header{"Accept-Encoding": {"identity"}} // RFC 9110, section 15.5.16
			return p
		}
	}
	declared := header["Content-Type"]
	if len(declared) == 0 {
		return ofHuma(http.StatusUnsupportedMediaType, "", nil)
	}
	for _, line := range declared {
		if !isJSON(line) {
			return ofHuma(http.StatusUnsupportedMediaType, "", nil)
		}
	}
	return nil
}

// isJSON reports whether a Content-Type is JSON in UTF-8. Names are case-insensitive (RFC 9110, section 8.3.1). JSON has no
// charset parameter (RFC 8259, section 11), but many clients send one.
func isJSON(contentType string) bool {
	media, params, err := mime.ParseMediaType(contentType)
	application := strings.HasPrefix(media, "application/") && strings.HasSuffix(media, "+json")
	if err != nil || media != jsonType && !application {
		return false
	}
	switch strings.ToLower(params["charset"]) {
	case "", "utf-8", "utf8", "us-ascii":
		return true
	default:
		return false
	}
}
