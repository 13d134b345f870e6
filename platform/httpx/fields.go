package httpx

import (
	"reflect"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"erp.internal/platform/errs"
	"erp.internal/platform/patch"
	"erp.internal/platform/place"
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

// textSchema documents the maximum length only as an extension: it counts after normalisation, so the resolvers check it.
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
	return fieldErrors(place, err)
}

// Resolve implements huma.ResolverWithPath.
func (c Code) Resolve(_ huma.Context, place *huma.PathBuffer) []error {
	if c == "" { // missing or empty: the schema says so
		return nil
	}
	_, err := text.Code(string(c))
	return fieldErrors(place, err)
}

// Resolve implements huma.ResolverWithPath.
func (n Note) Resolve(_ huma.Context, place *huma.PathBuffer) []error {
	_, err := text.Note(string(n))
	return fieldErrors(place, err)
}

// Optional is a field of an update: if it is not sent, the value stays unchanged. It cannot be null.
type Optional[T any] struct{ sent[T] }

// Nullable is an Optional whose value can be cleared with null.
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

// Value returns the value, nil if the field was not sent.
func (o Optional[T]) Value() *T {
	if !o.is || o.null {
		return nil
	}
	return &o.value
}

// Field returns what an update does: it leaves a field that was not sent, and clears it for null.
func (n Nullable[T]) Field() patch.Field[T] {
	if !n.is {
		return patch.Field[T]{}
	}
	return patch.To(n.Pointer())
}

// Pointer returns the value, nil for null and if the field was not sent: for a new object the two are the same.
func (n Nullable[T]) Pointer() *T {
	if !n.is || n.null {
		return nil
	}
	return &n.value
}

// Place is the place of an organization and a department. Without either it is the whole system.
func Place(organization, department Nullable[int64]) place.Place {
	return place.IDs{OrganizationID: organization.Pointer(), DepartmentID: department.Pointer()}.Place()
}

// Text returns the value of an optional text as a string.
func Text[T ~string](o Optional[T]) *string { return plain(o.Value()) }

// TextField is Nullable.Field as a string.
func TextField[T ~string](n Nullable[T]) patch.Field[string] {
	if !n.is {
		return patch.Field[string]{}
	}
	return patch.To(PointerText(n))
}

// PointerText is Nullable.Pointer as a string.
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
		return fieldErrors(place, errs.Violation("", "null", "must not be null; leave the field out to keep its value"))
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

// Echoed are the fields that frontends of the old skeleton send back as they received them. They are accepted and ignored.
type Echoed struct {
	ID        any `json:"id,omitempty" readOnly:"true" doc:"Ignored"`
	CreatedAt any `json:"created_at,omitempty" readOnly:"true" doc:"Ignored"`
	UpdatedAt any `json:"updated_at,omitempty" readOnly:"true" doc:"Ignored"`
}

// Search is the text to search a list for, possibly while it is being typed (text.Typed). It is normalised like the stored
// text.
type Search string

// Schema implements huma.SchemaProvider.
func (Search) Schema(huma.Registry) *huma.Schema {
	return textSchema(0, text.MaxName, "One line of text; a blank one does not filter")
}

// Resolve implements huma.ResolverWithPath.
func (s Search) Resolve(_ huma.Context, place *huma.PathBuffer) []error {
	_, err := s.normal()
	return fieldErrors(place, err)
}

// Text returns the normalised text, "" for no search.
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
