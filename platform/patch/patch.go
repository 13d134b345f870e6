// Package patch defines updates of optional fields: leave the value, set another one, or clear it.
package patch

// Field is the update of a field. The zero value leaves it unchanged.
type Field[T any] struct {
	does  action
	value T
}

type action uint8

const (
	leaves action = iota
	sets
	clears
)

// Set sets the field to a value.
func Set[T any](value T) Field[T] { return Field[T]{does: sets, value: value} }

// Clear clears the field.
func Clear[T any]() Field[T] { return Field[T]{does: clears} }

// To sets the field to the value that p points to, or clears it for nil.
func To[T any](p *T) Field[T] {
	if p == nil {
		return Clear[T]()
	}
	return Set(*p)
}

// Leaves reports whether the update leaves the field unchanged.
func (f Field[T]) Leaves() bool { return f.does == leaves }

// Value returns the value that the update sets; nil when it sets none.
func (f Field[T]) Value() *T {
	if f.does != sets {
		return nil
	}
	return &f.value
}

// Apply returns the field's value after the update, nil for none; now is the one before.
func (f Field[T]) Apply(now *T) *T {
	if f.does == leaves {
		return now
	}
	return f.Value()
}

// ApplyNormal is Apply with the normal form of a value that the update sets.
//
// Errors: those of normal.
func (f Field[T]) ApplyNormal(now *T, normal func(T) (T, error)) (*T, error) {
	if f.does != sets {
		return f.Apply(now), nil
	}
	value, err := normal(f.value)
	return &value, err
}

// Alters reports whether the update changes the value now.
func Alters[T comparable](f Field[T], now *T) bool {
	after := f.Apply(now)
	return (after == nil) != (now == nil) || after != nil && *after != *now
}
