package embedded

import "errors"

// What a caller of Start may want to tell apart with errors.Is. The errors Start returns are one line each, written for the
// operator: what is wrong, then what to do.
var (
	// ErrInUse says that another server uses the same data directory.
	ErrInUse = errors.New("data directory is in use")
	// ErrUnreachable says that the user PostgreSQL runs as cannot use the data directory.
	ErrUnreachable = errors.New("data directory cannot be used")
	// ErrOtherVersion says that the data belong to a PostgreSQL version which is not installed.
	ErrOtherVersion = errors.New("data of another PostgreSQL version")
	// ErrNoPrograms says that PostgreSQL is not installed and could not be downloaded.
	ErrNoPrograms = errors.New("no PostgreSQL programs")
)

// refusal is an error of one of the kinds above whose text is a whole line for the operator.
type refusal struct {
	kind error
	line string
}

func (r *refusal) Error() string { return r.line }

func (r *refusal) Unwrap() error { return r.kind }

// kindName and kindNamed carry the kind of an error from the keeper to its parent.
func kindName(err error) string {
	for name, kind := range kinds() {
		if errors.Is(err, kind) {
			return name
		}
	}
	return ""
}

func kindNamed(name, line string) error {
	if kind, ok := kinds()[name]; ok {
		return &refusal{kind: kind, line: line}
	}
	return errors.New(line)
}

func kinds() map[string]error {
	return map[string]error{
		"in_use":        ErrInUse,
		"unreachable":   ErrUnreachable,
		"other_version": ErrOtherVersion,
		"no_programs":   ErrNoPrograms,
	}
}
