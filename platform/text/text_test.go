package text_test

import (
	"errors"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"erp.internal/platform/await"
	"erp.internal/platform/errs"
	"erp.internal/platform/text"
)

func TestName(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ in, want, code string }{
		"is kept":                       {in: "서울병원", want: "서울병원"},
		"is composed":                   {in: norm.NFD.String("서울병원"), want: "서울병원"},
		"is trimmed":                    {in: " \t서울 병원\n　", want: "서울 병원"},
		"of 255 characters is kept":     {in: strings.Repeat("가", 255), want: strings.Repeat("가", 255)},
		"is counted after composing":    {in: norm.NFD.String(strings.Repeat("각", 255)), want: strings.Repeat("각", 255)},
		"of 256 characters is refused":  {in: strings.Repeat("가", 256), code: "too_long"},
		"that is empty is refused":      {in: "", code: "blank"},
		"of spaces is refused":          {in: " 　 ", code: "blank"},
		"of zero-width is refused":      {in: "\u200b", code: "blank"},
		"of a Hangul filler is refused": {in: "\u3164\uffa0", code: "blank"},
		"of a lone accent is refused":   {in: "\u0301", code: "blank"},
		"loses what nobody sees":        {in: "\ufeff서\u200b울", want: "서울"},
		"with NUL is refused":           {in: "a\x00b", code: "control_character"},
		"with a line break is refused":  {in: "a\nb", code: "control_character"},
		"with an override is refused":   {in: "a\u202eb", code: "control_character"},
		"with broken UTF-8 is refused":  {in: "a\xff", code: "not_utf8"},
		"has single spaces":             {in: "서울\u3000\u00a0 병원\u2009A", want: "서울 병원 A"},
		"has no blank symbols":          {in: "a\u2800b \U0001d159", want: "a b"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := text.Name(tc.in)
			if got != tc.want || code(err) != tc.code {
				t.Errorf("Name(%q) = %q, %v; want %q, code %q", tc.in, got, err, tc.want, tc.code)
			}
		})
	}
}

// Role names that look like "member": each becomes just that.
func TestName_looksAlike(t *testing.T) {
	t.Parallel()
	for _, r := range []rune{
		'\u00ad', '\u034f', '\u115f', '\u1160', '\u17b4', '\u17b5', '\u180b', '\u180e', '\u180f', '\u200b', '\u200c', '\u200d', '\u2060', '\u2061',
		'\u2062', '\u2063', '\u2064', '\u2065', '\u206a', '\u206f', '\u3164', '\ufe00', '\ufe0e', '\ufe0f', '\ufeff', '\uffa0', '\ufff0', '\ufff9',
		'\ufffb', '\ufffc', '\uffff', '\ufdd0', '\U00016fe4', '\U0001bca0', '\U0001d173', '\U000e0001', '\U000e0041', '\U000e007f', '\U000e0100', '\U000e0fff',
	} {
		for _, in := range []string{"member" + string(r), string(r) + "member", "mem" + string(r) + "ber", "mem" + string([]rune{r, r}) + "ber", "member " + string(r)} {
			if got, err := text.Name(in); got != "member" || err != nil {
				t.Errorf("%+q becomes %+q, %v", in, got, err)
			}
		}
	}
	for _, r := range []rune{'\u061c', '\u200e', '\u200f', '\u202a', '\u202e', '\u2066', '\u2069', '\u2028', '\u0085'} {
		if got, err := text.Name("mem" + string(r) + "ber"); code(err) != "control_character" {
			t.Errorf("with %U: %+q, %v", r, got, err)
		}
	}
}

// What is not seen stays where the text would look otherwise without it.
func TestName_joinersThatAct(t *testing.T) {
	t.Parallel()
	for _, shown := range []string{
		"👩‍⚕️", "👩🏽‍⚕️", "👨‍👩‍👧‍👦", "🏳️‍🌈", "🙂‍↔️", "❤️", "❤", "1️⃣ 병동", "#️⃣", "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
		"خانه\u200cای", "می\u200cخواهم", "ه\u200d", "ක්\u200dෂ", "শ্রেষ্ঠ র\u200d্যাব", "क्\u200dष", "क्\u200cष", "葛\U000e0100城", "ᠠ\u180b",
	} {
		if got, err := text.Name(shown); got != shown || err != nil {
			t.Errorf("%+q becomes %+q, %v", shown, got, err)
		}
	}
	for in, want := range map[string]string{
		"👩\u200d": "👩", "👩\u200d 병동": "👩 병동", "👩\u200d\u200d⚕️": "👩\u200d⚕️", "\u200d⚕": "⚕", "❤️\ufe0f": "❤️", "1\ufe0f 병동": "1 병동",
		"🏴\U000e0067": "🏴", "خانه\u200c": "خانه", "가\u200d나": "가나", "葛\U000e0100\U000e0101": "葛\U000e0100",
	} {
		if got, err := text.Name(in); got != want || err != nil {
			t.Errorf("%+q becomes %+q, %v; want %+q", in, got, err, want)
		}
	}
}

func TestNote(t *testing.T) {
	t.Parallel()
	got, err := text.Note(" first\r\nsecond\tcell ")
	if err != nil || got != "first\nsecond\tcell" {
		t.Errorf("Note = %q, %v", got, err)
	}
	if _, err := text.Note(strings.Repeat("a", text.MaxNote+1)); code(err) != "too_long" {
		t.Errorf("too long a note: %v", err)
	}
	if got, err := text.Note("  "); got != "" || err != nil {
		t.Errorf("a blank note = %q, %v; want it empty", got, err)
	}
}

// What was normalised once stays as it is, also of text made of what joins, varies, fills and separates.
func TestName_isIdempotent(t *testing.T) {
	t.Parallel()
	odd := []rune("aé1#가각ᄀ\u1161한葛ᠠهکක්র্❤👩🏽⚕🏴↔\u0301\u034f\u200b\u200c\u200d\ufe00\ufe0e\ufe0f\u20e3\u180b\u3164\u3000\u00a0 \u2800\U000e0067\U000e007f\U000e0100\uffff")
	texts := rapid.OneOf(rapid.String(), rapid.StringOf(rapid.SampledFrom(odd)))
	rapid.Check(t, func(t *rapid.T) {
		once, err := text.Name(texts.Draw(t, "name"))
		if err != nil {
			return
		}
		if twice, err := text.Name(once); err != nil || twice != once {
			t.Fatalf("Name(%+q) = %+q, %v", once, twice, err)
		}
	})
}

// A body full of what is not seen takes no longer than any other.
func TestName_hostile(t *testing.T) {
	t.Parallel()
	for _, r := range []string{"\u200d", "\ufe0f", "🏴\U000e0067", "🏽\u200d", "\U000e0067", "❤\ufe0f\u200d", "ه\u200c", "\u3164"} {
		done := make(chan error, 1)
		go func() {
			_, err := text.Name(strings.Repeat(r, (1<<20)/len(r)))
			done <- err
		}()
		await.That(t, "it is refused", func() bool { return len(done) == 1 })
		if err := <-done; err == nil {
			t.Errorf("%+q was taken", r)
		}
	}
}

func FuzzName(f *testing.F) {
	f.Add("member\u200d")
	f.Add("👩🏽\u200d⚕\ufe0f")
	f.Fuzz(func(t *testing.T, typed string) {
		once, err := text.Name(typed)
		if err != nil {
			return
		}
		if twice, err := text.Name(once); err != nil || twice != once {
			t.Errorf("Name(%+q) = %+q, %v", once, twice, err)
		}
		if note, err := text.Note(once); err != nil || note != once {
			t.Errorf("Note(%+q) = %+q, %v", once, note, err)
		}
	})
}

func code(err error) string {
	var e *errs.Error
	if !errors.As(err, &e) || len(e.Fields) != 1 {
		return ""
	}
	return e.Fields[0].Code
}

// What somebody is typing is no text to be stored: it may be blank, unfinished, or hold what a key or the clipboard left.
func TestTyped(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"": "", " ": "", "\u3000\u00a0": "", "\t\r\n": "", "\u200b\u2060": "", "\u3164": "", "\u202e": "", "\u0301": "", "\x01\x7f": "",
		" kim ": "kim", "kim\tlee\n": "kim lee", "\u202ekim\u202c": "kim", "a\u0085b": "a b", "a\u2028b": "a b",
		"ㅎ": "ㅎ", "\u1112": "\u1112", "\u1112\u1161": "하", "서ㅇ": "서ㅇ", "%": "%", "_": "_", "'": "'", "\\": "\\",
	} {
		if got, err := text.Typed(given); got != want || err != nil {
			t.Errorf("%q: %q, %v; want %q", given, got, err, want)
		}
	}
	for given, code := range map[string]string{"a\x00": "control_character", "\xff": "not_utf8", strings.Repeat("가", 256): "too_long", strings.Repeat(" ", 10_000): "too_long"} {
		_, err := text.Typed(given)
		var refused *errs.Error
		if !errors.As(err, &refused) || refused.Fields[0].Code != code {
			t.Errorf("%q: %v, want %s", given[:min(len(given), 10)], err, code)
		}
	}
}
