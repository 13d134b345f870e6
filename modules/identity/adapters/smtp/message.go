package smtp

import (
	"crypto/rand"
	"fmt"
	"net/mail"
	"strings"
	"time"
	"unicode"

	gomail "github.com/wneessen/go-mail"

	"erp.internal/modules/identity/domain"
)

// The message with a reset code: [1] the product, [2] where it is, [3] the code, [4] until when it is valid.
const (
	resetSubject = "[%[1]s] 비밀번호 재설정 코드 / Your password reset code"

	resetBody = `안녕하세요.

%[1]s에서 보내 드리는 메일입니다. 비밀번호 재설정 코드는 다음과 같습니다.

    %[3]s

아래 주소에서 이메일 주소와 이 코드를 입력하고 새 비밀번호를 정해 주세요.

    %[2]s

코드는 %[4]s까지 쓸 수 있습니다. (한국 시각은 여기에 9시간을 더하면 됩니다.)

이 코드는 누구에게도 알려 주지 마세요.
비밀번호 재설정을 요청한 적이 없다면 코드를 사용하지 말고 관리자에게 알려 주세요.

이 메일은 자동으로 발송되었으며, 회신하셔도 확인되지 않습니다.

----------------------------------------

Hello,

This message is from %[1]s. Here is your password reset code:

    %[3]s

Enter it together with your email address here, and choose a new password:

    %[2]s

The code is valid until %[4]s.

Do not share this code with anyone.
If you did not ask to reset your password, do not use the code, and tell your administrator.

This message was sent automatically; replies to it are not read.
`
)

// validUntilLayout is RFC 3339's order, to the minute, readable by people; seconds are cut off, so that the code is
// never said to be valid for longer than it is.
const validUntilLayout = "2006-01-02 15:04 UTC"

// resetMessage makes the message with a reset code.
//
// Errors: a sender or recipient that is no address.
func (m *Mail) resetMessage(to domain.Email, code string, validUntil time.Time) (*gomail.Msg, error) {
	from, err := m.settings.sender()
	if err != nil {
		return nil, fmt.Errorf("sender: %w", err)
	}
	recipient, err := mail.ParseAddress(to.MailAddress())
	if err != nil {
		return nil, fmt.Errorf("recipient: %w", err)
	}
	from.Name = oneLine(from.Name)
	if from.Name == "" {
		from.Name = m.product
	}
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent()) // which would tell the library's version
	msg.FromMailAddress(&from)
	msg.ToMailAddress(&mail.Address{Address: recipient.Address})
	msg.Subject(fmt.Sprintf(resetSubject, m.product))
	msg.SetDate()
	msg.SetMessageIDWithValue(rand.Text() + from.Address[strings.LastIndexByte(from.Address, '@'):])
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834 section 5: no vacation notice comes back
	msg.SetBodyString(gomail.TypeTextPlain, fmt.Sprintf(resetBody, m.product, m.publicURL, code, validUntil.UTC().Format(validUntilLayout)))
	return msg, nil
}

// oneLine returns s without line breaks and other control characters, so that it adds no line to a message.
func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
}
