package text_test

import (
	"strings"
	"testing"

	"erp.internal/platform/text"
)

func TestEmail(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"alice@example.com":               "alice@example.com",
		"  ALICE@Example.COM ":            "alice@example.com",
		"jose\u0301@example.org":          "josé@example.org",
		"\u1112\u1161\u11ab@병원.한국":        "한@병원.한국",
		"ａｌｉｃｅ@example.com":               "alice@example.com",
		"STRASSE@example.de":              "strasse@example.de",
		"straße@example.de":               "strasse@example.de",
		"first.last+tag@a-b.co.kr":        "first.last+tag@a-b.co.kr",
		"root@localhost":                  "root@localhost",
		"a\u200bb@example.com":            "ab@example.com",
		strings.Repeat("a", 64) + "@b.kr": strings.Repeat("a", 64) + "@b.kr",
	} {
		shown, key, err := text.Email(given)
		if err != nil || key != want {
			t.Errorf("%q: %q, %v; want %q", given, key, err, want)
		}
		if again, sameKey, err := text.Email(shown); err != nil || again != shown || sameKey != key {
			t.Errorf("%q is not what it is when it is read again: %q, %q, %v", shown, again, sameKey, err)
		}
	}
	if shown, _, _ := text.Email(" Alice@Example.com "); shown != "Alice@Example.com" {
		t.Errorf("shown as %q", shown)
	}
}

func TestEmail_refuses(t *testing.T) {
	t.Parallel()
	for _, given := range []string{
		"", " ", "alice", "@example.com", "alice@", "a@b@c", "a b@example.com", "a@exa mple.com", "a..b@example.com", ".a@example.com",
		"a.@example.com", "a@.com", "a@example..com", "a@example.com.", "a@-example.com", "a@example-.com", "a@exam_ple.com",
		`"a b"@example.com`, "Alice <alice@example.com>", "a@[127.0.0.1]", "a,b@example.com", "a@example.com\nBcc: b@example.com", "a\u0000@b.kr",
		"alice＠example.com", "a\u200db@b.kr", "a\u034fb@b.kr", "a\u3164b@b.kr", "a\ufe0fb@b.kr", strings.Repeat("a", 65) + "@b.kr", "a@" + strings.Repeat("b", 64) + ".kr", "a@" + strings.Repeat("b.", 130) + "kr",
		"ﷺ" + strings.Repeat("ﷺ", 20) + "@b.kr", // within the limits as it is shown, beyond them as it is compared
	} {
		if shown, _, err := text.Email(given); err == nil {
			t.Errorf("%q was taken as %q", given, shown)
		}
	}
}
