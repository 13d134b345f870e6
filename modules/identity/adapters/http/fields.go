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

// FullName is a field that holds a name (text.Name), such as that of a person or a job, checked like Email.
type FullName string

// Schema implements huma.SchemaProvider.
func (FullName) Schema(r huma.Registry) *huma.Schema { return httpx.Name("").Schema(r) }

// EmployeeNumber is a field that holds an employee number (domain.ParseEmployeeNumber), checked like Email.
type EmployeeNumber string

// Schema implements huma.SchemaProvider.
func (EmployeeNumber) Schema(r huma.Registry) *huma.Schema { return httpx.Code("").Schema(r) }

// Phone is a field that holds a phone number, checked like Email.
type Phone string

// Schema implements huma.SchemaProvider.
func (Phone) Schema(r huma.Registry) *huma.Schema { return httpx.Code("").Schema(r) }

// Date is a field that holds a day (period.Day), checked like Email.
type Date string

// Schema implements huma.SchemaProvider.
func (Date) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "date", Description: "A day, such as 2026-03-01"}
}
