package http

import (
	"github.com/danielgtaylor/huma/v2"

	"erp.internal/modules/identity/domain"
	"erp.internal/platform/httpx"
)

// Email is a field that holds an email.
type Email string

// Schema implements huma.SchemaProvider. The resolver checks the form, with the domain's own rules.
func (Email) Schema(huma.Registry) *huma.Schema {
	least := 1
	return &huma.Schema{Type: huma.TypeString, MinLength: &least, Description: "An email address"}
}

// Resolve implements huma.ResolverWithPath.
func (e Email) Resolve(_ huma.Context, place *huma.PathBuffer) []error {
	if e == "" { // missing or empty: the schema says so
		return nil
	}
	_, err := domain.ParseEmail(string(e))
	return httpx.At(place, err)
}
