package httpx

import (
	"errors"
	"fmt"
	"io"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// jsonFormat reads and writes bodies. Unlike encoding/json it refuses duplicate keys and broken UTF-8 (RFC 8259,
// sections 4 and 8.1), reads the case of names exactly, and writes lists with a fiftieth of the allocations.
var jsonFormat = huma.Format{
	Marshal: func(w io.Writer, v any) error { return json.MarshalWrite(w, v) },
	Unmarshal: func(data []byte, v any) error {
		return withoutValues(json.Unmarshal(data, v))
	},
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
		return errors.New("a value does not fit its type")
	default:
		return errors.New("it cannot be read")
	}
}
