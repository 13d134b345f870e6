package errs_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"erp.internal/platform/errs"
)

var errTaken = errs.New(errs.Taken, "organization.name_taken", "Organization name already exists")

func TestError_isRecognised(t *testing.T) {
	t.Parallel()
	for name, err := range map[string]error{
		"as it is":               errTaken,
		"with another message":   errTaken.WithMessage("%d of them", 3),
		"with values":            errTaken.WithParams(errs.Params{"count": 3}),
		"with a cause":           errTaken.WithCause(errors.New("23505")),
		"wrapped":                fmt.Errorf("store: %w", errTaken),
		"wrapped and with cause": fmt.Errorf("store: %w", errTaken.WithCause(errors.New("23505"))),
	} {
		if !errors.Is(err, errTaken) || errs.KindOf(err) != errs.Taken {
			t.Errorf("%s: %v is not recognised", name, err)
		}
	}
	if errors.Is(errTaken, errs.New(errs.Taken, "user.email_taken", "")) {
		t.Error("another code is taken for this one")
	}
	if errs.KindOf(errors.New("disk full")) != errs.Internal {
		t.Error("an unknown error is not internal")
	}
}

func TestError_causeIsKeptForLogs(t *testing.T) {
	t.Parallel()
	cause := errors.New("23505")
	err := errTaken.WithCause(cause)
	if !errors.Is(err, cause) || err.Error() != "Organization name already exists: 23505" {
		t.Errorf("got %v", err)
	}
	if errTaken.Error() != "Organization name already exists" {
		t.Error("the sentinel was changed")
	}
}

// The values that a sentence holds go with it, and leave the sentinel as it is.
func TestError_params(t *testing.T) {
	t.Parallel()
	err := errTaken.WithMessage("%d of them", 3).WithParams(errs.Params{"count": 3}).WithCause(errors.New("23505"))
	if diff := cmp.Diff(errs.Params{"count": 3}, err.Params); diff != "" || errTaken.Params != nil {
		t.Errorf("%s; the sentinel holds %v", diff, errTaken.Params)
	}
	var v errs.Violations
	long := errs.Field{Code: "too_long", Message: "must have at most 64 characters", Params: errs.Params{"max": 64}}
	if err := v.Check("code", long.Violation()); err != nil {
		t.Fatal(err)
	}
	if err := v.Join(errs.Field{Location: "name", Code: "too_short", Params: errs.Params{"min": 1}}.Violation()); err != nil {
		t.Fatal(err)
	}
	var e *errs.Error
	if !errors.As(v.Err(), &e) {
		t.Fatalf("got %v", v.Err())
	}
	want := []errs.Field{
		{Location: "code", Code: "too_long", Message: "must have at most 64 characters", Params: errs.Params{"max": 64}},
		{Location: "name", Code: "too_short", Params: errs.Params{"min": 1}},
	}
	if diff := cmp.Diff(want, e.Fields); diff != "" {
		t.Error(diff)
	}
}

func TestViolations(t *testing.T) {
	t.Parallel()
	var v errs.Violations
	if v.Err() != nil {
		t.Fatal("no violation is an error")
	}
	boom := errors.New("boom")
	if err := v.Check("name", boom); !errors.Is(err, boom) {
		t.Fatalf("a failure that is no violation got lost: %v", err)
	}
	if err := v.Check("name", errs.Violation("", "blank", "must not be blank")); err != nil {
		t.Fatal(err)
	}
	v.Add("code", "too_long", "must have at most 64 characters")
	var e *errs.Error
	if !errors.As(v.Err(), &e) || e.Kind != errs.Invalid || e.Code != errs.CodeValidation {
		t.Fatalf("got %v", v.Err())
	}
	want := []errs.Field{{Location: "name", Code: "blank", Message: "must not be blank"}, {Location: "code", Code: "too_long", Message: "must have at most 64 characters"}}
	if diff := cmp.Diff(want, e.Fields); diff != "" {
		t.Error(diff)
	}
}

func TestViolations_keepTheCause(t *testing.T) {
	t.Parallel()
	refused := errs.New(errs.Forbidden, "forbidden", "No")
	var v errs.Violations
	if err := v.Join(errs.Violation("name", "blank", "must not be blank")); err != nil {
		t.Fatal(err)
	}
	if err := v.Join(errs.Violation("user_id", "unknown", "is no user").WithCause(refused)); err != nil {
		t.Fatal(err)
	}
	if err := v.Err(); !errors.Is(err, refused) || errs.KindOf(err) != errs.Invalid {
		t.Errorf("got %v", err)
	}
}
