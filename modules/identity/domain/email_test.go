package domain_test

import (
	"testing"

	"erp.internal/modules/identity/domain"
)

func TestParseEmail(t *testing.T) {
	t.Parallel()
	email, err := domain.ParseEmail(" Alice@Example.com ")
	if err != nil || email.String() != "Alice@Example.com" {
		t.Fatalf("%q, %v", email, err)
	}
	for typed, same := range map[string]bool{
		"ALICE@EXAMPLE.COM": true, "ａｌｉｃｅ@example.com": true, "alice@example.org": false, "alıce@example.com": false,
	} {
		other, err := domain.ParseEmail(typed)
		if err != nil || (other.Digest() == email.Digest()) != same {
			t.Errorf("%q is the same: %v, %v; want %v", typed, !same, err, same)
		}
	}
	if domain.EmailFromStored(email.String(), email.Digest()) != email {
		t.Error("an email changes when it is stored")
	}
	if _, err := domain.ParseEmail("alice"); err == nil {
		t.Error("what is no email was taken")
	}
}
