package domain

// Holders counts the people whom a permission of a role reaches: those with a grant of it for a place for which the
// permission can be held. Nobody is counted twice among People, Later and Deactivated.
type Holders struct {
	People      int64 // have it now
	Later       int64 // will have it, by a grant that begins later
	Deactivated int64 // would have it, or will, once they are activated
	SelfGranted int64 // of the first two: by a grant that they made themselves
}
