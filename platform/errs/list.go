package errs

// Described is an error as the documentation lists it. When says in Markdown what brings it about; its links are relative
// to docs/errors.md.
type Described struct {
	*Error
	When string
}

// Rule is a code that stands in Fields, as the documentation lists it. Value completes the sentence "the value ...".
type Rule struct {
	Code, Value string
}

// List is what a part of the program may answer: its errors, and the rules of its own that a value may violate.
type List struct {
	Errors []Described
	Rules  []Rule
}
