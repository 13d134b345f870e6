package ports

import "context"

// Trees tells other modules how the departments of an organization stand to each other now. A change made here is told
// at once, one made on another replica within a second.
type Trees interface {
	// Of gives the tree of an organization; one that is not there has an empty one. A tree that was read before the
	// department was made is read again, so that whoever knows of a department finds it.
	//
	// Errors: errs.Unavailable.
	Of(ctx context.Context, organization, department int64) (Tree, error)
}

// Tree is how the departments of an organization stood to each other at one moment.
type Tree interface {
	// Within says whether a department is root or stands below it.
	Within(department, root int64) bool
	// Above gives a department and everything that it stands below, nothing when there is no such department.
	Above(department int64) []int64
	// Below gives root and everything below it, nothing when there is no such department. It is not to be changed.
	Below(root int64) []int64
}
