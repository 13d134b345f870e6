package httpx

import "github.com/danielgtaylor/huma/v2"

// Secret is a field with a password or a code. It is not normalised like text (ASVS 6.2.8), has no example in the document
// and is never in an answer.
type Secret string

// Schema implements huma.SchemaProvider.
func (Secret) Schema(huma.Registry) *huma.Schema {
	least := 1
	return &huma.Schema{Type: huma.TypeString, Format: "password", MinLength: &least, WriteOnly: true}
}
