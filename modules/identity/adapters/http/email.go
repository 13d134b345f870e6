package http

import (
	"github.com/danielgtaylor/huma/v2"

	"erp.internal/platform/httpx"
)

// Email is a field that holds an email. The use case checks its form, with everything else that is wrong.
type Email string

// Schema implements huma.SchemaProvider.
func (Email) Schema(huma.Registry) *huma.Schema {
	least := 1
	return &huma.Schema{Type: huma.TypeString, MinLength: &least, Description: "An email address"}
}

// FullName is a field that holds a person's name (text.Name), checked like Email.
type FullName string

// Schema implements huma.SchemaProvider.
func (FullName) Schema(r huma.Registry) *huma.Schema { return httpx.Name("").Schema(r) }
