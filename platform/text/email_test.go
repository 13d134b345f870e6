package text_test

import (
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"erp.internal/platform/text"
)

// One address, whichever way its domain is written, and shown in Unicode (RFC 5891, UTS #46).
func TestEmail_internationalDomains(t *testing.T) {
	t.Parallel()
	for given, want := range map[string][2]string{
		"idn@병원.한국":                    {"idn@병원.한국", "idn@xn--om3bw6p.xn--3e0b707e"},
		"idn@xn--om3bw6p.xn--3e0b707e": {"idn@병원.한국", "idn@xn--om3bw6p.xn--3e0b707e"},
		"IDN@XN--OM3BW6P.XN--3E0B707E": {"IDN@병원.한국", "idn@xn--om3bw6p.xn--3e0b707e"},
		"idn@xn--om3bw6p.한국":           {"idn@병원.한국", "idn@xn--om3bw6p.xn--3e0b707e"},
		"idn@병원。한국":                    {"idn@병원.한국", "idn@xn--om3bw6p.xn--3e0b707e"},
		"idn@병원｡한국":                    {"idn@병원.한국", "idn@xn--om3bw6p.xn--3e0b707e"},
		norm.NFD.String("idn@병원.한국"):   {"idn@병원.한국", "idn@xn--om3bw6p.xn--3e0b707e"},
		"김@병원.한국":                      {"김@병원.한국", "김@xn--om3bw6p.xn--3e0b707e"},
		"a@straße.de":                  {"a@straße.de", "a@xn--strae-oqa.de"}, // another domain than strasse.de (RFC 5895)
		"a@BÜCHER.example":             {"a@bücher.example", "a@xn--bcher-kva.example"},
		"a@خانه\u200cای.ir":            {"a@خانه\u200cای.ir", "a@xn--mgbat1hf31f060k.ir"},
		"a@xn--mgbat1hf31f060k.ir":     {"a@خانه\u200cای.ir", "a@xn--mgbat1hf31f060k.ir"},
		"a@ｅｘａｍｐｌｅ．com":                {"a@example.com", "a@example.com"},
		"a@r3---sn-abc.example.com":    {"a@r3---sn-abc.example.com", "a@r3---sn-abc.example.com"}, // no IDNA name, and in use
		"a@Example.COM":                {"a@Example.COM", "a@example.com"},
	} {
		shown, key, err := text.Email(given)
		if err != nil || shown != want[0] || key != want[1] {
			t.Errorf("%q: %q, %q, %v; want %q", given, shown, key, err, want)
		}
		if again, sameKey, err := text.Email(shown); err != nil || again != shown || sameKey != key {
			t.Errorf("%q is not what it is when it is read again: %q, %q, %v", shown, again, sameKey, err)
		}
	}
	if got := text.MailAddress("Idn@병원.한국"); got != "Idn@xn--om3bw6p.xn--3e0b707e" {
		t.Errorf("mail goes to %s", got)
	}
}

// What is copied from a mail's header finds the email that is shown in Unicode, also before it is whole.
func TestShownDomain(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"idn@xn--om3bw6p.xn--3e0b707e": "idn@병원.한국",
		"IDN@XN--OM3BW6P.xn--3e0b707e": "IDN@병원.한국",
		"xn--om3bw6p":                  "병원",
		"@xn--om3bw6p.":                "@병원.",
		"@xn--om3bw6p.k":               "@병원.k",
		"xn--":                         "xn--",
		"a@xn--":                       "a@xn--",
		"xn--om3bw6p.xn--0":            "병원.xn--0",
		"alice@example.com":            "alice@example.com",
		"김앨리스":                         "김앨리스",
	} {
		if got := text.ShownDomain(typed); got != want {
			t.Errorf("%+q: %q; want %q", typed, got, want)
		}
	}
}

func FuzzEmail(f *testing.F) {
	for _, seed := range []string{"alice@example.com", "idn@병원.한국", "idn@xn--om3bw6p.한국", "a@faß.de", "a@خانه\u200cای.ir", "a@xn--a.kr"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, given string) {
		shown, key, err := text.Email(given)
		if err != nil {
			return
		}
		for i, spelling := range []string{shown, text.MailAddress(shown)} {
			if again, sameKey, err := text.Email(spelling); err != nil || sameKey != key || i == 0 && again != shown {
				t.Errorf("%+q is %+q with the key %+q; %+q is %+q with %+q, %v", given, shown, key, spelling, again, sameKey, err)
			}
		}
	})
}

func TestEmail(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"alice@example.com":               "alice@example.com",
		"  ALICE@Example.COM ":            "alice@example.com",
		"jose\u0301@example.org":          "josé@example.org",
		"\u1112\u1161\u11ab@example.kr":   "한@example.kr",
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
		"alice＠example.com", "a@xn--a.kr", "a@xn--abc-.kr", "a@xn--.kr", "a@병원.한국.", "a@병원..한국", "a@.한국", "a@1א.kr", "a@병\u115f원.한국", "a@병원_.한국", "a@병\u200d원.한국@b.kr", "a\u200db@b.kr", "a\u034fb@b.kr", "a\u3164b@b.kr", "a\ufe0fb@b.kr", strings.Repeat("a", 65) + "@b.kr", "a@" + strings.Repeat("b", 64) + ".kr", "a@" + strings.Repeat("b.", 130) + "kr",
		"ﷺ" + strings.Repeat("ﷺ", 20) + "@b.kr", // within the limits as it is shown, beyond them as it is compared
	} {
		if shown, _, err := text.Email(given); err == nil {
			t.Errorf("%q was taken as %q", given, shown)
		}
	}
}
