package app

import (
	"context"

	"erp.internal/modules/identity/domain"
	"erp.internal/modules/identity/ports"
	"erp.internal/platform/errs"
	"erp.internal/platform/text"
)

// Product is the name of the product, which does not count towards the length of a password (ASVS 6.2.11).
type Product string

// PasswordRules are the rules of every new password.
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

// Check checks a password for a user against the policy, in the form in which it will be hashed.
//
// Errors: errs.Invalid with every violation, at field.
func (n *PasswordRules) Check(field, password string, user domain.User) error {
	about := domain.PasswordContext{Email: user.Email, Product: string(n.product), Common: n.common}
	for of, word := range map[*string]*string{&about.FullName: user.FullName, &about.EmployeeNumber: user.EmployeeNumber, &about.Phone: user.Phone} {
		if word != nil {
			*of = *word
		}
	}
	var v errs.Violations
	if err := v.Check(field, n.settings.Policy.Check(text.Password(password), about)); err != nil {
		return err
	}
	return v.Err()
}

// CheckChange is Check, and also refuses current and former passwords as the policy requires.
//
// Errors: errs.Invalid with every violation, domain.ErrTooBusy, errs.Unavailable.
func (n *PasswordRules) CheckChange(ctx context.Context, field, password string, account ports.Account) error {
	if err := n.Check(field, password, account.User()); err != nil {
		return err
	}
	former, err := n.former(ctx, account)
	if err != nil {
		return err
	}
	for _, hash := range former { // at most as many as the policy requires
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

// former returns the hashes of the passwords that may not be reused: the current one if another person knows it, and as many
// former ones as the policy requires.
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

// Credential makes the credential of a password that was checked. If it must be changed, the caller is its giver.
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

// verify reports whether a password matches a hash: in the form of text.Password, or unchanged, as earlier versions hashed it;
// such a hash is outdated. The time depends on the password, not on the hash.
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
