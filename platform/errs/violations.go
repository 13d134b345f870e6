package errs

import "errors"

// CodeValidation is the code of every Invalid error that lists fields.
const CodeValidation = "validation_failed"

// Violations collects every violated rule of one input, so that all are answered at once. The zero value is ready.
type Violations struct {
	fields []Field
	cause  error // the first that was noted had one
}

// Add notes a violated rule.
func (v *Violations) Add(location, code, message string) {
	v.Note(Field{Location: location, Code: code, Message: message})
}

// Note is Add of a rule whose message may hold values.
func (v *Violations) Note(f Field) { v.fields = append(v.fields, f) }

// Check notes the violations that err carries under location, and gives back an error that is none.
// A nil err notes nothing.
func (v *Violations) Check(location string, err error) error {
	if err == nil {
		return nil
	}
	e, ok := errors.AsType[*Error](err) // errors.As would allocate
	if !ok || e.Kind != Invalid {
		return err
	}
	for _, f := range e.Fields {
		f.Location = location
		v.Note(f)
	}
	v.because(e)
	return nil
}

// Join notes the violations that err carries where they are, and gives back an error that is none.
// A nil err notes nothing.
func (v *Violations) Join(err error) error {
	if err == nil {
		return nil
	}
	e, ok := errors.AsType[*Error](err)
	if !ok || e.Kind != Invalid {
		return err
	}
	v.fields = append(v.fields, e.Fields...)
	v.because(e)
	return nil
}

func (v *Violations) because(e *Error) {
	if v.cause == nil {
		v.cause = e.cause
	}
}

// Err gives an Invalid error of all that was noted, nil when nothing was.
func (v *Violations) Err() error {
	if len(v.fields) == 0 {
		return nil
	}
	return v.invalid()
}

func (v *Violations) invalid() *Error {
	message := "Some fields are not valid; errors lists each of them"
	if len(v.fields) == 1 {
		message = v.fields[0].Location + ": " + v.fields[0].Message
	}
	return &Error{Kind: Invalid, Code: CodeValidation, Message: message, Fields: v.fields, cause: v.cause}
}
