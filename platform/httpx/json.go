package httpx

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// misfit begins the error of a value that is no value of its type, such as a number beyond 64 bits; its place follows,
// with a dot before each part.
const misfit = "does not fit its type: body"

// jsonFormat reads and writes bodies. Unlike encoding/json it refuses duplicate keys and broken UTF-8 (RFC 8259,
// sections 4 and 8.1), reads the case of names exactly, and writes lists with a fiftieth of the allocations.
var jsonFormat = huma.Format{
	Marshal: func(w io.Writer, v any) error { return json.MarshalWrite(w, v) },
	Unmarshal: func(data []byte, v any) error {
		return withoutValues(json.Unmarshal(data, v))
	},
}

// jsonOnly refuses a body that is not declared as JSON. A body that declares nothing is refused too: a page of another
// origin may send one without asking first.
func (a *API) jsonOnly(ctx huma.Context, next func(huma.Context)) {
	if ctx.Operation().RequestBody != nil && ctx.Header("Content-Type") == "" && humagin.Unwrap(ctx).Request.ContentLength != 0 {
		a.write(humagin.Unwrap(ctx), ofHuma(http.StatusUnsupportedMediaType, "", nil))
		return
	}
	next(ctx)
}

// withoutValues says where JSON is broken without repeating any of it.
func withoutValues(err error) error {
	if err == nil {
		return nil
	}
	var syntax *jsontext.SyntacticError
	var semantic *json.SemanticError
	switch {
	case errors.Is(err, jsontext.ErrDuplicateName):
		return errors.New("a name occurs twice in one object")
	case errors.As(err, &syntax):
		return fmt.Errorf("it breaks off or is wrong at byte %d", syntax.ByteOffset)
	case errors.As(err, &semantic):
		return errors.New(misfit + strings.ReplaceAll(string(semantic.JSONPointer), "/", "."))
	default:
		return errors.New("it cannot be read")
	}
}
