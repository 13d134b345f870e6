package httpx

import (
	"io"
	"reflect"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-json-experiment/json"

	"erp.internal/platform/page"
)

// Items is the body of a list: an array of T.
type Items[T any] struct {
	items  func() []T
	shared *page.Shared // unless nil, others encode the same items
}

func itemsOf[T, DTO any](p page.Page[T], dto func(T) DTO) Items[DTO] {
	return Items[DTO]{shared: p.Shared, items: func() []DTO {
		items := make([]DTO, len(p.Items))
		for i, item := range p.Items {
			items[i] = dto(item)
		}
		return items
	}}
}

// Schema implements huma.SchemaProvider.
func (Items[T]) Schema(r huma.Registry) *huma.Schema {
	schema := huma.SchemaFromType(r, reflect.TypeFor[[]T]())
	schema.Nullable = false
	return schema
}

// writeJSON writes the items: see marshal.
func (i Items[T]) writeJSON(w io.Writer) error {
	if i.shared == nil {
		return json.MarshalWrite(w, i.items())
	}
	body, err := i.shared.Encoded(func() ([]byte, error) { return json.Marshal(i.items()) })
	if err != nil {
		return err
	}
	_, err = w.Write(body)
	return err
}
