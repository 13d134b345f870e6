package domain_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"erp.internal/modules/organization/domain"
	"erp.internal/platform/errs"
	"erp.internal/platform/patch"
)

func TestNewOrganization(t *testing.T) {
	t.Parallel()
	note := " Tertiary\r\nhospital "
	o, err := domain.NewOrganization(" 서울병원 ", &note)
	if err != nil || o.Name != "서울병원" || *o.Description != "Tertiary\nhospital" {
		t.Errorf("got %+v, %v", o, err)
	}
	long := strings.Repeat("a", 10_001)
	_, err = domain.NewOrganization("", &long)
	if diff := cmp.Diff([]string{"name blank", "description too_long"}, violations(err)); diff != "" {
		t.Error(diff)
	}
}

func TestOrganization_Change(t *testing.T) {
	t.Parallel()
	note := "note"
	o := domain.Organization{Name: "A", Description: &note}
	name, blank := "B", " "
	cleared := patch.Clear[string]()

	if err := o.Change(domain.OrganizationChange{}); err != nil || o.Name != "A" || o.Description != &note {
		t.Errorf("nothing sent: %+v, %v", o, err)
	}
	if err := o.Change(domain.OrganizationChange{Name: &blank, Description: cleared}); err == nil || o.Description == nil {
		t.Errorf("a refused change was applied in part: %+v, %v", o, err)
	}
	if err := o.Change(domain.OrganizationChange{Name: &name, Description: cleared}); err != nil || o.Name != "B" || o.Description != nil {
		t.Errorf("both sent: %+v, %v", o, err)
	}
}

func TestDepartment_Change(t *testing.T) {
	t.Parallel()
	d, err := domain.NewDepartment(1, "심장내과", nil)
	if err != nil {
		t.Fatal(err)
	}
	same, other, blank := domain.OrganizationID(1), domain.OrganizationID(2), " "
	if err := d.Change(domain.DepartmentChange{OrganizationID: &same}); err != nil {
		t.Errorf("the organization it is in: %v", err)
	}
	err = d.Change(domain.DepartmentChange{OrganizationID: &other, Name: &blank, Code: patch.Set(blank)})
	if diff := cmp.Diff([]string{"organization_id cannot_change", "name blank", "code blank"}, violations(err)); diff != "" {
		t.Error(diff)
	}
}

func violations(err error) []string {
	var e *errs.Error
	if !errors.As(err, &e) {
		return nil
	}
	var all []string
	for _, f := range e.Fields {
		all = append(all, f.Location+" "+f.Code)
	}
	return all
}
