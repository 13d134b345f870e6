package place_test

import (
	"encoding/json"
	"testing"

	"erp.internal/platform/place"
)

type id int64

var (
	system     = place.System()
	hospital   = place.Organization(id(1))
	cardiology = place.Department(id(1), id(10))
	clinic     = place.Department(id(1), id(11))
	other      = place.Organization(id(2))
)

func TestPlace_Level(t *testing.T) {
	t.Parallel()
	for p, want := range map[place.Place]place.Level{
		system: place.SystemLevel, hospital: place.OrganizationLevel, cardiology: place.DepartmentLevel,
		{Department: 10}: place.DepartmentLevel, // of an organization that nobody has looked up yet
	} {
		if got := p.Level(); got != want {
			t.Errorf("%+v is as wide as %s, want %s", p, got, want)
		}
	}
}

func TestPlace_Contains(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		p, other place.Place
		want     place.Containment
	}{
		{system, system, place.Inside},
		{system, cardiology, place.Inside},
		{hospital, system, place.Outside},
		{hospital, hospital, place.Inside},
		{hospital, cardiology, place.Inside},
		{hospital, other, place.Outside},
		{cardiology, hospital, place.Outside},
		{cardiology, cardiology, place.Inside},
		{cardiology, clinic, place.InTree},
		{cardiology, place.Department(id(2), id(20)), place.Outside},
	} {
		if got := tc.p.Contains(tc.other); got != tc.want {
			t.Errorf("%+v contains %+v: %d, want %d", tc.p, tc.other, got, tc.want)
		}
	}
}

func TestPlace_IDs(t *testing.T) {
	t.Parallel()
	for p, want := range map[place.Place]string{
		system:     `{"organization_id":null,"department_id":null}`,
		hospital:   `{"organization_id":1,"department_id":null}`,
		cardiology: `{"organization_id":1,"department_id":10}`,
	} {
		got, err := json.Marshal(p.IDs())
		if err != nil || string(got) != want {
			t.Errorf("%+v is %s, %v, want %s", p, got, err, want)
		}
		var ids place.IDs
		if err := json.Unmarshal(got, &ids); err != nil || ids.Place() != p {
			t.Errorf("%s is read as %+v, %v", got, ids.Place(), err)
		}
	}
}

func TestScope_Contains(t *testing.T) {
	t.Parallel()
	scope := place.Scope{Organizations: []int64{2}, Departments: []int64{10}}
	for p, want := range map[place.Place]bool{
		system: false, hospital: false, cardiology: true, clinic: false, other: true, place.Department(id(2), id(20)): true,
	} {
		if scope.Contains(p) != want {
			t.Errorf("%+v: %v", p, !want)
		}
		if !(place.Scope{Everywhere: true}).Contains(p) || (place.Scope{}).Contains(p) {
			t.Errorf("%+v is not everywhere, or in an empty scope", p)
		}
	}
}
