package httpx

import (
	"reflect"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"erp.internal/platform/errs"
	"erp.internal/platform/text"
)

// Name is a field that holds a name (text.Name).
type Name string

// Code is a field that holds a code (text.Code).
type Code string

// Note is a field that holds free text (text.Note).
type Note string

// Schema implements huma.SchemaProvider.
func (Name) Schema(huma.Registry) *huma.Schema {
	return textSchema(1, text.MaxName, "One line of text; stored in Unicode form NFC without spaces around it")
}

// Schema implements huma.SchemaProvider.
func (Code) Schema(huma.Registry) *huma.Schema {
	return textSchema(1, text.MaxCode, "One line of text; stored in Unicode form NFC without spaces around it")
}

// Schema implements huma.SchemaProvider.
func (Note) Schema(huma.Registry) *huma.Schema {
	return textSchema(0, text.MaxNote, "Text of any number of lines; stored in Unicode form NFC without spaces around it")
}

// textSchema says the greatest length in words only: it counts after normalising, so that the resolvers check it.
func textSchema(least, most int, description string) *huma.Schema {
	schema := &huma.Schema{Type: huma.TypeString, Description: description, Extensions: map[string]any{"x-max-characters": most}}
	if least > 0 {
		schema.MinLength = &least
	}
	return schema
}

// Resolve implements huma.ResolverWithPath.
func (n Name) Resolve(_ huma.Context, place *huma.PathBuffer) []error {
	if n == "" { // missing or empty: the schema says so
		return nil
	}
	_, err := text.Name(string(n))
	return at(place, err)
}

// Resolve implements huma.ResolverWithPath.
func (c Code) Resolve(_ huma.Context, place *huma.PathBuffer) []error {
	if c == "" { // missing or empty: the schema says so
		return nil
	}
	_, err := text.Code(string(c))
	return at(place, err)
}

// Resolve implements huma.ResolverWithPath.
func (n Note) Resolve(_ huma.Context, place *huma.PathBuffer) []error {
	_, err := text.Note(string(n))
	return at(place, err)
}

// Optional is a field of an update: one that is not sent leaves the value as it is. It cannot be null.
type Optional[T any] struct{ sent[T] }

// Nullable is an Optional that null clears.
type Nullable[T any] struct{ sent[T] }

type sent[T any] struct {
	is, null bool
	value    T
}

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (s *sent[T]) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	s.is = true
	if dec.PeekKind() == 'n' {
		s.null = true
		return dec.SkipValue()
	}
	return json.UnmarshalDecode(dec, &s.value)
}

// Value gives what was sent, nil when nothing was.
func (o Optional[T]) Value() *T {
	if !o.is || o.null {
		return nil
	}
	return &o.value
}

// Value gives what was sent: nil when nothing was, a nil inside when null was.
func (n Nullable[T]) Value() **T {
	if !n.is {
		return nil
	}
	inner := &n.value
	if n.null {
		inner = nil
	}
	return &inner
}

// Pointer gives what was sent, nil when nothing or null was: for a new thing the two are the same.
func (n Nullable[T]) Pointer() *T {
	if !n.is || n.null {
		return nil
	}
	return &n.value
}

// Text gives an optional text in the domain's type.
func Text[T ~string](o Optional[T]) *string { return plain(o.Value()) }

// NullableText gives a nullable text in the domain's type: see Nullable.Value.
func NullableText[T ~string](n Nullable[T]) **string {
	if !n.is {
		return nil
	}
	inner := PointerText(n)
	return &inner
}

// PointerText gives a nullable text of a new thing in the domain's type: see Nullable.Pointer.
func PointerText[T ~string](n Nullable[T]) *string { return plain(n.Pointer()) }

func plain[T ~string](s *T) *string {
	if s == nil {
		return nil
	}
	text := string(*s)
	return &text
}

// Schema implements huma.SchemaProvider.
func (Optional[T]) Schema(r huma.Registry) *huma.Schema { return schemaOf[T](r) }

// Schema implements huma.SchemaProvider.
func (Nullable[T]) Schema(r huma.Registry) *huma.Schema {
	schema := schemaOf[T](r)
	schema.Nullable = true
	return schema
}

// Resolve implements huma.ResolverWithPath.
func (o Optional[T]) Resolve(ctx huma.Context, place *huma.PathBuffer) []error {
	if o.null {
		return at(place, errs.Violation("", "null", "must not be null; leave the field out to keep its value"))
	}
	return o.resolve(ctx, place)
}

// Resolve implements huma.ResolverWithPath.
func (n Nullable[T]) Resolve(ctx huma.Context, place *huma.PathBuffer) []error {
	if n.null {
		return nil
	}
	return n.resolve(ctx, place)
}

func (s sent[T]) resolve(ctx huma.Context, place *huma.PathBuffer) []error {
	if resolver, ok := any(s.value).(huma.ResolverWithPath); ok && s.is {
		return resolver.Resolve(ctx, place)
	}
	return nil
}

// Echoed are the fields that frontends of the old skeleton send back as they got them: they are taken and ignored.
type Echoed struct {
	ID        any `json:"id,omitempty" readOnly:"true" doc:"Ignored"`
	CreatedAt any `json:"created_at,omitempty" readOnly:"true" doc:"Ignored"`
	UpdatedAt any `json:"updated_at,omitempty" readOnly:"true" doc:"Ignored"`
}

// Search is the text a list is searched for, as it is being typed (text.Typed). It is normalised like the text it is
// compared with.
type Search string

// Schema implements huma.SchemaProvider.
func (Search) Schema(huma.Registry) *huma.Schema {
	return textSchema(0, text.MaxName, "One line of text, as it is being typed: blank is no search")
}

// Resolve implements huma.ResolverWithPath.
func (s Search) Resolve(_ huma.Context, place *huma.PathBuffer) []error {
	_, err := s.normal()
	return at(place, err)
}

// Text gives the normalised text, "" for no search.
func (s Search) Text() string {
	normal, err := s.normal()
	if err != nil { // Resolve refused the request
		return ""
	}
	return normal
}

func (s Search) normal() (string, error) {
	if s == "" {
		return "", nil
	}
	return text.Typed(string(s))
}

func schemaOf[T any](r huma.Registry) *huma.Schema {
	return huma.SchemaFromType(r, reflect.TypeFor[T]())
}
