package main

import (
	"math/rand/v2"
	"slices"

	"erp.internal/platform/authz"
	"erp.internal/platform/place"
)

// The policy that decisions are made by.
const (
	policyRoles         = 1_000
	rolePermissions     = 10 // of each role, at random
	policyUsers         = 100_000
	userGrants          = 10 // of each user
	policyGrants        = policyUsers * userGrants
	policyOrganizations = 20
	organizationDepth   = 8
	departmentsOfEach   = 500 // the sum of departmentsByDepth
	policyDepartments   = policyOrganizations * departmentsOfEach
	systemShare         = 0.001 // of the grants are for the whole system
	organizationShare   = 0.1   // of them for a whole organization, the others for departments
	datedShare          = 0.2   // of them have dates, of which each kind is equally frequent
	homeShare           = 0.8   // of them are for the user's own organization
	firstRoleID         = 1_001 // the migrations make roles of their own
	policySeed          = 20    // the same policy and the same questions in each run
)

// departmentsByDepth is how many departments of an organization stand how deep.
func departmentsByDepth() [organizationDepth]int64 {
	return [organizationDepth]int64{4, 12, 28, 56, 90, 110, 110, 90}
}

// policy is roles, grants and trees, as a plain list of each.
type policy struct {
	roles   [][]authz.Permission
	grants  []grant         // n is of user n modulo the users: time passes between two grants of the same user
	parents map[int64]int64 // of departments, 0 for those at the top; ids begin at 1
}

// grant is an entry of the ledger.
type grant struct {
	user, role   int64
	organization int64 // 0: the whole system
	department   int64 // 0: the whole organization
	term         term
}

// term is when a grant is in force.
type term int

const (
	always term = iota
	begun       // it has begun and will end
	over
	ahead
	terms // how many there are
)

func (t term) inForce() bool { return t == always || t == begun }

// newPolicy makes the policy of the catalogue's permissions.
func newPolicy(catalogue *authz.Catalogue) *policy {
	p := &policy{parents: make(map[int64]int64, policyDepartments), grants: make([]grant, 0, policyGrants)}
	chance := rand.New(rand.NewPCG(policySeed, 0)) //nolint:gosec // the same in each run, on purpose
	for range policyRoles {
		var role []authz.Permission
		for _, place := range chance.Perm(len(catalogue.All()))[:rolePermissions] {
			role = append(role, catalogue.All()[place].Permission)
		}
		p.roles = append(p.roles, role)
	}
	for organization := range int64(policyOrganizations) {
		p.plant(organization+1, chance)
	}
	for n := range int64(policyGrants) {
		p.grants = append(p.grants, newGrant(n%policyUsers+1, chance))
	}
	return p
}

// plant creates an organization's tree: each department has a random parent of the level above.
func (p *policy) plant(organization int64, chance *rand.Rand) {
	id := firstDepartmentOf(organization)
	var above []int64
	for _, width := range departmentsByDepth() {
		var level []int64
		for range width {
			p.parents[id] = 0
			if len(above) > 0 {
				p.parents[id] = above[chance.IntN(len(above))]
			}
			level = append(level, id)
			id++
		}
		above = level
	}
}

func newGrant(user int64, chance *rand.Rand) grant {
	g := grant{user: user, role: chance.Int64N(policyRoles), organization: homeOf(user)}
	if chance.Float64() >= homeShare {
		g.organization = 1 + chance.Int64N(policyOrganizations)
	}
	switch scope := chance.Float64(); {
	case scope < systemShare:
		g.organization = 0
	case scope >= systemShare+organizationShare:
		g.department = randomDepartment(g.organization, chance)
	}
	if chance.Float64() < datedShare {
		g.term = 1 + term(chance.IntN(int(terms)-1))
	}
	return g
}

// homeOf returns the organization that a user belongs to.
func homeOf(user int64) int64 { return user%policyOrganizations + 1 }

func firstDepartmentOf(organization int64) int64 { return (organization-1)*departmentsOfEach + 1 }

func organizationOf(department int64) int64 { return (department-1)/departmentsOfEach + 1 }

func randomDepartment(organization int64, chance *rand.Rand) int64 {
	return firstDepartmentOf(organization) + chance.Int64N(departmentsOfEach)
}

// above returns a department and its ancestors.
func (p *policy) above(department int64) []int64 {
	var above []int64
	for id := department; id != 0; id = p.parents[id] {
		above = append(above, id)
	}
	return above
}

// grantsOf returns a user's grants.
func (p *policy) grantsOf(user int64) []grant {
	var all []grant
	for n := user - 1; n < policyGrants; n += policyUsers {
		all = append(all, p.grants[n])
	}
	return all
}

// outcome is a decision and why it is so, the reason that is found first the greatest.
type outcome int

const (
	byNothing outcome = iota
	byDepartmentAbove
	byDepartment
	byOrganization
	bySystem
)

func (o outcome) allowed() bool { return o != byNothing }

// decide is what all have to agree with: slow, and plainly what the rules say.
func (p *policy) decide(user int64, permission authz.Permission, department int64) outcome {
	above, found := p.above(department), byNothing
	for _, g := range p.grantsOf(user) {
		if g.term.inForce() && slices.Contains(p.roles[g.role], permission) {
			found = max(found, g.reaches(department, above))
		}
	}
	return found
}

func (g grant) reaches(department int64, above []int64) outcome {
	switch {
	case g.organization == 0:
		return bySystem
	case g.department == 0 && g.organization == organizationOf(department):
		return byOrganization
	case g.department == department:
		return byDepartment
	case slices.Contains(above, g.department):
		return byDepartmentAbove
	default:
		return byNothing
	}
}

// question is what a caller may be asked for: may this user do that to this department.
type question struct {
	user       int64
	permission authz.Permission
	department int64
	answer     outcome
}

// questioner makes questions as they come: half of them are about a department below one that the user has a grant for,
// half about any of the user's organization.
type questioner struct {
	policy      *policy
	permissions []authz.Permission // those that are asked for departments
	below       map[int64][]int64  // what stands below each department, and itself
	chance      *rand.Rand
}

func newQuestioner(p *policy, catalogue *authz.Catalogue) *questioner {
	q := &questioner{policy: p, below: make(map[int64][]int64, len(p.parents)), chance: rand.New(rand.NewPCG(policySeed, 1))} //nolint:gosec // the same in each run, on purpose
	for _, d := range catalogue.All() {
		if d.Least == place.DepartmentLevel {
			q.permissions = append(q.permissions, d.Permission)
		}
	}
	for id := int64(1); id <= policyDepartments; id++ {
		for _, root := range p.above(id) {
			q.below[root] = append(q.below[root], id)
		}
	}
	return q
}

// about makes a question about a user.
func (q *questioner) about(user int64) question {
	a := question{user: user, permission: q.permissions[q.chance.IntN(len(q.permissions))], department: randomDepartment(homeOf(user), q.chance)}
	if g := q.policy.grantsOf(user)[q.chance.IntN(userGrants)]; g.department != 0 && q.chance.IntN(2) == 0 {
		below := q.below[g.department]
		a.department = below[q.chance.IntN(len(below))]
	}
	a.answer = q.policy.decide(a.user, a.permission, a.department)
	return a
}

// aboutEach makes a question about each user from first on.
func (q *questioner) aboutEach(first, count int64) []question {
	var all []question
	for n := range count {
		all = append(all, q.about(first+n))
	}
	return all
}

// aboutAny makes so many questions about users from first on whose answers are wanted.
func (q *questioner) aboutAny(first, count int64, wanted func(outcome) bool, so int) []question {
	var all []question
	for len(all) < so {
		if a := q.about(first + q.chance.Int64N(count)); wanted(a.answer) {
			all = append(all, a)
		}
	}
	return all
}

// allowedShare is how many of the questions are answered with yes.
func allowedShare(all []asked) float64 {
	allowed := 0
	for _, q := range all {
		if q.answer.allowed() {
			allowed++
		}
	}
	return float64(allowed) / float64(len(all))
}
