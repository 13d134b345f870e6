package httpx

import "github.com/danielgtaylor/huma/v2"

// Secret is a field that holds a password or a code: kept from all that is done to text (ASVS 6.2.8), shown in no document's
// example, repeated in no answer.
type Secret string

// Schema implements huma.SchemaProvider.
func (Secret) Schema(huma.Registry) *huma.Schema {
	least := 1
	return &huma.Schema{Type: huma.TypeString, Format: "password", MinLength: &least, WriteOnly: true}
}
