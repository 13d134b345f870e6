package httpx

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"erp.internal/platform/text"
)

// typeMismatch begins the error of values that do not fit their types, such as a number beyond 64 bits. Their locations
// follow, one on each line, with a dot before each part.
const typeMismatch = "does not fit its type: "

// jsonFormat reads and writes bodies. Unlike encoding/json it refuses duplicate keys and invalid UTF-8 (RFC 8259,
// sections 4 and 8.1), matches names case-sensitively, and writes lists with a fiftieth of the allocations.
var jsonFormat = huma.Format{
	Marshal:   marshal,
	Unmarshal: unmarshal,
}

// marshal writes a value, or what a handler has encoded already.
func marshal(w io.Writer, v any) error {
	if encoded, ok := v.(interface{ writeJSON(w io.Writer) error }); ok {
		return encoded.writeJSON(w)
	}
	return json.MarshalWrite(w, v)
}

// unmarshal reads a body into v and ignores a byte order mark (RFC 8259, section 8.1). If a member does not fit its type,
// it goes on with the others, so that one answer lists all violations.
//
// Errors: where the JSON is invalid, or the locations of the values that do not fit; without repeating a value.
func unmarshal(data []byte, v any) error {
	data = text.WithoutBOM(data)
	err := json.Unmarshal(data, v)
	var places strings.Builder
	var members map[string]jsontext.Value
	for {
		var wrong *json.SemanticError
		if !errors.As(err, &wrong) || errors.Is(err, jsontext.ErrDuplicateName) {
			break
		}
		places.WriteString(strings.ReplaceAll(string(wrong.JSONPointer), "/", ".") + "\n")
		if members == nil && json.Unmarshal(data, &members) != nil {
			break // no object
		}
		before := len(members)
		for name := range wrong.JSONPointer.Tokens() {
			delete(members, name)
			break
		}
		rest, failed := json.Marshal(members, json.Deterministic(true)) // the same body always gets the same answer
		if failed != nil || len(members) == before {
			break
		}
		err = json.Unmarshal(rest, v)
	}
	if places.Len() > 0 {
		return errors.New(typeMismatch + places.String())
	}
	return withoutValues(err)
}

// withoutValues returns an error that says where the JSON is invalid without repeating any of it.
func withoutValues(err error) error {
	if err == nil {
		return nil
	}
	var syntax *jsontext.SyntacticError
	switch {
	case errors.Is(err, jsontext.ErrDuplicateName):
		return errors.New("a name occurs twice in one object")
	case errors.As(err, &syntax):
		return fmt.Errorf("it ends early or is invalid at byte %d", syntax.ByteOffset)
	default:
		return errors.New("it cannot be read")
	}
}
