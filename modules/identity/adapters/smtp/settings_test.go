package smtp_test

import (
	"strings"
	"testing"

	"erp.internal/modules/identity/adapters/smtp"
)

func TestSettings_Complete(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		settings smtp.Settings
		want     []string // parts of the lines, in order; none: the settings are fine
	}{
		"nothing set":                        {smtp.Settings{}, nil},
		"an address and a sender":            {smtp.Settings{Addr: "mail.example.org:587", From: "no-reply@example.org"}, nil},
		"a sender with a name":               {smtp.Settings{Addr: "mail.example.org:587", From: "병원 <no-reply@example.org>"}, nil},
		"an IPv6 address":                    {smtp.Settings{Addr: "[::1]:25", From: "no-reply@example.org"}, nil},
		"a user with TLS":                    {smtp.Settings{Addr: "mail.example.org:465", From: "a@example.org", User: "u", Password: "p", TLS: "tls"}, nil},
		"a user without TLS on this machine": {smtp.Settings{Addr: "127.0.0.1:25", From: "a@example.org", User: "u", Password: "p", TLS: "none"}, nil},
		"no user and no TLS":                 {smtp.Settings{Addr: "mail.example.org:25", From: "a@example.org", TLS: "none"}, nil},

		"no sender":                   {smtp.Settings{Addr: "mail.example.org:587"}, []string{"SMTP_FROM: it is not set"}},
		"a sender that is none":       {smtp.Settings{Addr: "mail.example.org:587", From: "nobody"}, []string{`SMTP_FROM: "nobody" is not understood`}},
		"a sender with a line":        {smtp.Settings{Addr: "mail.example.org:587", From: "a@example.org\r\nBcc: b@example.org"}, []string{"SMTP_FROM:"}},
		"a sender's name with a line": {smtp.Settings{Addr: "mail.example.org:587", From: "=?utf-8?q?ERP=0D=0ABcc:_b@example.org?= <a@example.org>"}, []string{"SMTP_FROM:"}},
		"a sender beyond ASCII":       {smtp.Settings{Addr: "mail.example.org:587", From: "a@병원.kr"}, []string{"in ASCII"}},
		"no port":                     {smtp.Settings{Addr: "mail.example.org", From: "a@example.org"}, []string{"SMTP_ADDR:"}},
		"no host":                     {smtp.Settings{Addr: ":587", From: "a@example.org"}, []string{"SMTP_ADDR:"}},
		"a port that is none":         {smtp.Settings{Addr: "mail.example.org:0", From: "a@example.org"}, []string{"SMTP_ADDR:"}},
		"another TLS":                 {smtp.Settings{Addr: "mail.example.org:587", From: "a@example.org", TLS: "maybe"}, []string{`SMTP_TLS: "maybe"`}},
		"a user without a password":   {smtp.Settings{Addr: "mail.example.org:587", From: "a@example.org", User: "u"}, []string{"SMTP_PASSWORD: it is not set"}},
		"a password without a user":   {smtp.Settings{Addr: "mail.example.org:587", From: "a@example.org", Password: "hunter2"}, []string{"SMTP_USER: it is not set"}},
		"a password in clear":         {smtp.Settings{Addr: "mail.example.org:25", From: "a@example.org", User: "u", Password: "hunter2", TLS: "none"}, []string{"SMTP_TLS: with none the password"}},
		"several at once":             {smtp.Settings{Addr: "mail", TLS: "maybe", User: "u"}, []string{"SMTP_ADDR:", "SMTP_FROM:", "SMTP_TLS:", "SMTP_PASSWORD:"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			settings := tc.settings
			err := settings.Complete()
			if len(tc.want) == 0 {
				if err != nil {
					t.Fatal(err)
				}
				if tc.settings.TLS == "" && settings.TLS != smtp.StartTLS {
					t.Errorf("TLS is %q where nothing is said", settings.TLS)
				}
				return
			}
			if err == nil {
				t.Fatal("the settings were taken")
			}
			lines := strings.Split(err.Error(), "\n")
			if len(lines) != len(tc.want) {
				t.Fatalf("want %d lines, got:\n%v", len(tc.want), err)
			}
			for i, line := range lines {
				if !strings.Contains(line, tc.want[i]) {
					t.Errorf("no %q in %q", tc.want[i], line)
				}
				if strings.Contains(line, "hunter2") {
					t.Error("the password is shown")
				}
			}
		})
	}
}
