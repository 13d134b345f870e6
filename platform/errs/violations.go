package errs

import "errors"

// CodeValidation is the code of every Invalid error that lists fields.
const CodeValidation = "validation_failed"

// Violations collects all violated rules of an input, so that one answer lists them all. The zero value is ready to use.
type Violations struct {
	fields []Field
	cause  error // of the first violation that had one
}

// Add adds a violated rule.
func (v *Violations) Add(location, code, message string) {
	v.Note(Field{Location: location, Code: code, Message: message})
}

// Note adds a violated rule whose message may contain values.
func (v *Violations) Note(f Field) { v.fields = append(v.fields, f) }

// Check adds the violations in err at location. It returns err if it is another error; nil adds nothing.
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

// Join adds the violations in err at their own locations. It returns err if it is another error; nil adds nothing.
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

// Err returns an Invalid error with all violations, nil when there are none.
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
