package app

import (
	"context"

	"erp.internal/modules/identity/domain"
	"erp.internal/modules/identity/ports"
	"erp.internal/platform/errs"
	"erp.internal/platform/text"
)

// Product is the name that the product is known by, which a password must not be made of (ASVS 6.2.11).
type Product string

// PasswordRules is what holds for every new password, on whichever path it comes.
type PasswordRules struct {
	settings Settings
	product  Product
	hasher   ports.Passwords
	repo     ports.Credentials
	common   ports.CommonPasswords
}

// NewPasswordRules makes the rules.
func NewPasswordRules(settings Settings, product Product, hasher ports.Passwords, repo ports.Credentials, common ports.CommonPasswords) *PasswordRules {
	return &PasswordRules{settings: settings, product: product, hasher: hasher, repo: repo, common: common}
}

// Check says whether the policy takes a password for a user, in the form in which it will be hashed.
//
// Errors: errs.Invalid with every violation, at field.
func (n *PasswordRules) Check(field, password string, email domain.Email, fullName *string) error {
	about := domain.PasswordContext{Email: email, Product: string(n.product), Common: n.common}
	if fullName != nil {
		about.FullName = *fullName
	}
	var v errs.Violations
	if err := v.Check(field, n.settings.Policy.Check(text.Password(password), about)); err != nil {
		return err
	}
	return v.Err()
}

// CheckChange is Check, and refuses a password that the user has, or had lately, where the policy asks so.
//
// Errors: errs.Invalid with every violation, domain.ErrTooBusy, errs.Unavailable.
func (n *PasswordRules) CheckChange(ctx context.Context, field, password string, account ports.Account) error {
	if err := n.Check(field, password, account.Email, account.FullName); err != nil {
		return err
	}
	former, err := n.former(ctx, account)
	if err != nil {
		return err
	}
	for _, hash := range former { // at most as many as the policy keeps
		same, _, err := verify(ctx, n.hasher, password, hash)
		if err != nil {
			return err
		}
		if same {
			return errs.Violation(field, "used_before", "was used before: choose another one")
		}
	}
	return nil
}

// former gives the hashes of the passwords that may not come back: the present one where somebody else knows it, and as
// many as the policy says.
func (n *PasswordRules) former(ctx context.Context, account ports.Account) ([]string, error) {
	most := n.settings.Policy.History
	if account.Credential.MustChange != domain.NoChange {
		most = max(most, 1)
	}
	if most == 0 || account.Credential.Hash == "" {
		return nil, nil
	}
	before, err := n.repo.Former(ctx, account.UserID, most-1)
	return append([]string{account.Credential.Hash}, before...), err
}

// Credential makes what is stored of a password that was checked. One that is to be changed is the caller's gift.
//
// Errors: domain.ErrTooBusy.
func (n *PasswordRules) Credential(ctx context.Context, user domain.UserID, password string, change domain.MustChange) (domain.Credential, error) {
	hash, err := n.hasher.Hash(ctx, text.Password(password))
	credential := domain.Credential{UserID: user, Hash: hash, MustChange: change, Former: max(0, n.settings.Policy.History-1)}
	if change != domain.NoChange {
		credential.GivenBy = maker(ctx)
	}
	return credential, err
}

// verify says whether hash is of the password that was sent: in the form of text.Password, or as it was sent, as earlier
// versions hashed it. Such a hash should be replaced. How long it takes depends on what was sent, and not on the hash.
//
// Errors: those of ports.Passwords.
func verify(ctx context.Context, hasher ports.Passwords, sent, hash string) (matches, outdated bool, err error) {
	normal := text.Password(sent)
	if matches, outdated, err = hasher.Verify(ctx, normal, hash); err != nil || matches || normal == sent {
		return matches, outdated, err
	}
	matches, _, err = hasher.Verify(ctx, sent, hash)
	return matches, true, err
}
