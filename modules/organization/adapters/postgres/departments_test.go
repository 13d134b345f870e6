package postgres_test

import (
	"cmp"
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"erp.internal/migrations"
	"erp.internal/modules/organization/adapters/postgres"
	"erp.internal/modules/organization/domain"
	"erp.internal/platform/cache"
	"erp.internal/postgres/pgtest"
)

// never is a feed that is never current, so that nothing is cached.
type never struct{}

// Current implements cache.Feed.
func (never) Current(time.Time) bool { return false }

func TestMain(m *testing.M) { pgtest.Main(m) }

// The part of a tree around a place decides what the whole tree decides: about new departments and about moves, to each parent
// that there is and to some that are missing, deleted, or of another organization.
func TestDepartments_LockTree(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t, migrations.Files)
	hub := cache.NewHub(never{}, db.Outside)
	organizations, repo := postgres.NewOrganizations(db, hub), postgres.NewDepartments(db, hub)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))

	organization := create(t, organizations, "A")
	add := func(organization domain.OrganizationID, parent *domain.DepartmentID) *domain.DepartmentID {
		d, err := repo.Create(t.Context(), domain.Department{OrganizationID: organization, ParentID: parent, Name: "X", SortOrder: random.Int64N(4)})
		if err != nil {
			t.Fatal(err)
		}
		return &d.ID
	}
	var chain *domain.DepartmentID // so that depth matters
	all := []*domain.DepartmentID{nil}
	for range domain.MaxDepth - 2 {
		chain = add(organization, chain)
		all = append(all, chain)
	}
	for range 30 {
		all = append(all, add(organization, all[random.IntN(len(all)-3)]))
	}
	deleted := add(organization, nil)
	if err := repo.Delete(t.Context(), *deleted); err != nil {
		t.Fatal(err)
	}
	missing := domain.DepartmentID(9_999_999)
	all = append(all, deleted, add(create(t, organizations, "B"), nil), &missing)

	nodes, err := repo.Nodes(t.Context(), organization)
	if err != nil {
		t.Fatal(err)
	}
	whole := domain.NewTree(nodes)
	err = db.InTx(t.Context(), func(ctx context.Context) error {
		for _, parent := range all {
			part, err := repo.LockTree(ctx, organization, parent, 0)
			if err != nil {
				return err
			}
			want, wantErr := whole.Append(parent)
			got, gotErr := part.Append(parent)
			same(t, want, got, wantErr, gotErr)
			for _, moved := range all[1:] {
				part, err := repo.LockTree(ctx, organization, parent, *moved)
				if err != nil {
					return err
				}
				position := random.IntN(5)
				want, wantErr := whole.Move(*moved, parent, position)
				got, gotErr := part.Move(*moved, parent, position)
				same(t, want, got, wantErr, gotErr)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	err = db.InTx(t.Context(), func(ctx context.Context) error {
		_, err := repo.LockTree(ctx, 9_999, nil, 0)
		return err
	})
	if !errors.Is(err, domain.ErrUnknownOrganization) {
		t.Errorf("the tree of a missing organization: %v", err)
	}
}

func create(t *testing.T, organizations *postgres.Organizations, name string) domain.OrganizationID {
	t.Helper()
	o, err := organizations.Create(t.Context(), domain.Organization{Name: name})
	if err != nil {
		t.Fatal(err)
	}
	return o.ID
}

// same compares what two trees answer.
func same(t *testing.T, want, got []domain.Node, wantErr, gotErr error) {
	t.Helper()
	byID := func(a, b domain.Node) int { return cmp.Compare(a.ID, b.ID) }
	slices.SortFunc(want, byID)
	slices.SortFunc(got, byID)
	if diff := gocmp.Diff(want, got); diff != "" || !errors.Is(gotErr, wantErr) || (gotErr == nil) != (wantErr == nil) {
		t.Fatalf("the part answers %v, the whole tree %v: %s", gotErr, wantErr, diff)
	}
}
