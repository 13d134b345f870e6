package domain

// Holders counts the users who have a permission by a role: those with a grant for a place where the permission has an
// effect. No user is counted twice among People, Later and Deactivated.
type Holders struct {
	People      int64 // have it now
	Later       int64 // will have it, by a grant that begins later
	Deactivated int64 // would have it, or will, once they are activated
	SelfGranted int64 // of the first two: by a grant that they made themselves
}
